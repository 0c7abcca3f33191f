#include "pipelines/pipeline_tasks.hpp"

#include "pipelines/echo.hpp"
#include "pipelines/embedding.hpp"
#include "pipelines/grading.hpp"
#include "pipelines/recommendation.hpp"
#include "pipelines/summarization.hpp"
#include "pipelines/text_writing.hpp"

#include <fstream>
#include <sstream>

namespace chalkstream::pipelines {

namespace {

result<std::string> read_file(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream content;
  content << in.rdbuf();
  if (!in)
    return {errc::io, file.string() + " cannot be read"};
  return std::move(content).str();
}

result<pipeline_task> make_recommendation(const pipeline_configuration& wanted, const task_settings& common,
                                          const shelved_model& encoder, observer& watch) {
  recommendation_settings settings;
  settings.task = common;
  settings.encoder = encoder.for_task(0);
  settings.enough = wanted.enough;
  settings.least_similarity = wanted.least_similarity;
  settings.resources = wanted.top_k;
  CHALK_TRY(const auto content, read_file(wanted.catalogue));
  const auto embed = [&encoder](std::span<const sequence> texts) {
    std::vector<const sequence*> batch;
    for (const auto& t : texts)
      batch.push_back(&t);
    return encoder.loaded.compute->run(batch, nullptr);
  };
  auto made = recommendation::make(std::move(settings), content, wanted.catalogue.string(), embed, watch);
  if (!made)
    return error{made.error().code, wanted.catalogue_where + ": " + made.error().message};
  return pipeline_task{*made, {*wanted.model}};
}

pipeline_task make_grading(const pipeline_configuration& wanted, const task_settings& common,
                           const model_shelf& shelf) {
  grading_settings settings;
  settings.task = common;
  settings.review_below = wanted.review_below;
  pipeline_task made;
  auto use = [&](std::size_t model) {
    made.models.push_back(model);
    return shelf.at(model).for_task(made.models.size() - 1);
  };
  if (wanted.model)
    settings.encoder = use(*wanted.model);
  if (wanted.essay_model)
    settings.essay_model = use(*wanted.essay_model);
  made.steps = std::make_shared<grading>(std::move(settings));
  return made;
}

pipeline_task make_summarization(const pipeline_configuration& wanted, const task_settings& common,
                                 const shelved_model& encoder) {
  summarization_settings settings;
  settings.task = common;
  settings.encoder = encoder.for_task(0);
  settings.summary = wanted.summary;
  settings.review_below = wanted.review_below;
  return {std::make_shared<summarization>(std::move(settings)), {*wanted.model}};
}

result<pipeline_task> make_text_writing(const pipeline_configuration& wanted, const task_settings& common,
                                        const shelved_model& model, education::result_kind becomes) {
  auto writes = model.for_task(0);
  writes.max_tokens = models::longest_prompt(model.loaded, wanted.writing.generation);
  auto writing = wanted.writing;
  if (wanted.prompt)
    writing.unit = prompt_unit::whole;
  auto writer = text_writer::make(std::move(writes), std::move(writing));
  if (!writer)
    return error{writer.error().code, wanted.where + ": " + writer.error().message};
  text_writing_settings settings{.task = common,
                                 .becomes = becomes,
                                 .writer = std::move(*writer),
                                 .prompt = wanted.prompt,
                                 .from_language = wanted.from_language,
                                 .to_language = wanted.to_language};
  return pipeline_task{std::make_shared<text_writing>(std::move(settings)), {*wanted.model}};
}

} // namespace

result<pipeline_task> make_task(const pipeline_configuration& wanted, const model_shelf& shelf,
                                std::shared_ptr<const education::pseudonymiser> pseudonyms, observer& watch) {
  task_settings common;
  common.pipeline = wanted.name;
  common.source_topic = wanted.from;
  common.pseudonyms = std::move(pseudonyms);
  common.text_too_long = wanted.text_too_long;
  common.max_bytes = wanted.max_bytes;
  switch (wanted.kind) {
  case pipeline_kind::grading: return make_grading(wanted, common, shelf);
  case pipeline_kind::recommendation: return make_recommendation(wanted, common, shelf.at(*wanted.model), watch);
  case pipeline_kind::embedding:
    return pipeline_task{std::make_shared<embedding>(common, shelf.at(*wanted.model).for_task(0)), {*wanted.model}};
  case pipeline_kind::summarization:
    if (wanted.abstractive)
      return make_text_writing(wanted, common, shelf.at(*wanted.model), education::result_kind::summary);
    return make_summarization(wanted, common, shelf.at(*wanted.model));
  case pipeline_kind::translation:
    return make_text_writing(wanted, common, shelf.at(*wanted.model), education::result_kind::translation);
  case pipeline_kind::feedback:
    return make_text_writing(wanted, common, shelf.at(*wanted.model), education::result_kind::feedback);
  case pipeline_kind::echo: return pipeline_task{std::make_shared<echo>(common), {}};
  }
  return {errc::internal, "a kind of pipeline nobody makes"};
}

} // namespace chalkstream::pipelines
