// Images to what they show: the class of each page, by a model that sees images, or what is on it and where, by one
// that finds regions, or its text, by one that reads, or that writes to images.
#pragma once

#include "education/event_decoder.hpp"
#include "models/image/decode.hpp"
#include "models/image/preprocessor.hpp"
#include "pipelines/image_source.hpp"
#include "pipelines/label_vectors.hpp"
#include "pipelines/page_reader.hpp"
#include "pipelines/page_regions.hpp"
#include "pipelines/text_task.hpp"
#include "pipelines/text_writer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chalkstream::pipelines {

/// A model that sees images, as a task needs to know it.
struct image_model {
  /// Its place in the pipeline's list: work.model.
  std::size_t index = 0;
  std::shared_ptr<const model_identity> identity;
  /// Null of a model that reads: it takes pages as they are.
  std::shared_ptr<const image::preprocessor> pictures;
  /// Of a model that reads, or writes.
  page_split split = page_split::whole;
  /// What one picture costs.
  std::size_t tokens = 1;
  /// What a picture may show.
  std::vector<std::string> labels;
  /// Of a model that compares pictures with the labels' meaning; else its rows are their logits.
  std::optional<label_vectors> meanings = {};
  /// Of a model that writes to pictures, which has no labels.
  std::optional<text_writer> writer = {};
  /// Of a model that finds regions: those that it is no surer of are left out.
  std::optional<double> regions_above = {};
};

struct recognition_settings {
  task_settings task;
  image_model model;
  image_source source;
  image::decode_limits limits;
  /// A person looks where a page is less certain.
  double review_below = 0.5;
};

/// Serves `image`. A record is an event as JSON, or an image itself with the event in its headers
/// (education/image_record.hpp). Decodes in prepare, within `limits`. The result
/// is of the whole file: its text (an empty line between pages), or its label where it has one page, the confidence
/// of the least certain page, and every page's own. A file without text is a result: an empty text, which a person
/// looks at; so is one on which no region was found. Of regions the confidence is the least certain one's. The
/// confidence of a text that was written is the geometric mean of its tokens' probabilities; one that was cut off
/// goes to a person.
class recognition final : public task {
public:
  explicit recognition(recognition_settings settings);

  task_step prepare(const record& input) const override;
  bool prepares_long() const noexcept override { return true; }
  std::size_t waits_at_once() const noexcept override { return settings_.source.waits_at_once(); }
  task_step complete(const record& input, work done, const output_rows& rows, const timing& spent) const override;

private:
  result<sequence> as_the_model_takes(const picture& page) const;
  task_step with_regions(const pages_to_read& asked, outcome what, const output_rows& rows,
                         const timing& spent) const;
  void judge(outcome& what) const;
  reply finished(outcome what, const timing& spent) const;

  recognition_settings settings_;
  education::event_decoder decoder_;
};

} // namespace chalkstream::pipelines
