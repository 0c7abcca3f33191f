// Grades to learning resources: for what an answer missed, the nearest entries of a catalogue.
#pragma once

#include "core/observer.hpp"
#include "education/catalogue.hpp"
#include "pipelines/embedded_texts.hpp"
#include "pipelines/text_task.hpp"

namespace chalkstream::pipelines {

struct recommendation_settings {
  task_settings task;
  task_model encoder;
  /// Grades with at least this share of max_score get no recommendation.
  double enough = 0.8;
  /// Missed points looked at, resources named for each, and in all.
  std::size_t points = 5;
  std::size_t per_point = 2;
  std::size_t resources = 5;
  /// Less similar than this is not worth a learner's time.
  double least_similarity = 0.25;
};

class recommendation final : public task {
public:
  /// Parses the catalogue (`file` names it in errors) and embeds it before it returns; `observer`
  /// hears how far it is, as step "catalogue".
  static result<std::shared_ptr<const recommendation>> make(recommendation_settings settings,
                                                            std::string_view catalogue, std::string_view file,
                                                            const embed_function& embed,
                                                            observer& progress = observer::none());

  task_step prepare(const record& input) const override;
  task_step complete(const record& input, work done, const output_rows& rows, const timing& spent) const override;

private:
  recommendation(recommendation_settings settings, std::vector<education::resource> resources)
      : settings_(std::move(settings)), resources_(std::move(resources)) {}

  result<void> embed_catalogue(const embed_function& embed, observer& progress);

  recommendation_settings settings_;
  std::vector<education::resource> resources_;
  std::vector<float> matrix_; // a row of unit length for each resource
};

} // namespace chalkstream::pipelines
