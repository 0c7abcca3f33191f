#include "pipelines/pipeline_tasks.hpp"

#include "education/catalogue.hpp"
#include "education/course_material.hpp"
#include "pipelines/answer_labels.hpp"
#include "pipelines/answering.hpp"
#include "pipelines/clip_recognition.hpp"
#include "pipelines/echo.hpp"
#include "pipelines/embedding.hpp"
#include "pipelines/grade_follower.hpp"
#include "pipelines/grading.hpp"
#include "pipelines/indexed_material.hpp"
#include "pipelines/recognition.hpp"
#include "pipelines/recommendation.hpp"
#include "pipelines/summarization.hpp"
#include "pipelines/text_writing.hpp"

#include <algorithm>
#include <fstream>
#include <future>
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

error at(const std::string& place, const error& why) {
  return {why.code, place + ": " + why.message};
}

/// Each core takes its share of a batch; rows do not depend on their neighbours.
embed_function embed_with(const shelved_model& encoder, std::size_t cores) {
  return [model = encoder.loaded.compute, cores](std::span<const sequence> texts) -> result<output_rows> {
    std::vector<std::future<result<output_rows>>> parts;
    for (std::size_t part = 0; part < cores; ++part) {
      const auto from = texts.size() * part / cores, to = texts.size() * (part + 1) / cores;
      if (from < to)
        parts.push_back(std::async(std::launch::async, [model, share = texts.subspan(from, to - from)] {
          std::vector<const sequence*> batch;
          for (const auto& t : share)
            batch.push_back(&t);
          return model->run(batch, nullptr);
        }));
    }
    output_rows all;
    for (auto& part : parts) {
      CHALK_TRY(const auto rows, part.get());
      all.width = rows.width;
      all.values.insert(all.values.end(), rows.values.begin(), rows.values.end());
    }
    return all;
  };
}

result<pipeline_task> make_recommendation(const pipeline_configuration& wanted, const task_settings& common,
                                          const shelved_model& encoder, const task_surroundings& with) {
  recommendation_settings settings;
  settings.task = common;
  settings.encoder = encoder.for_task(0);
  settings.enough = wanted.enough;
  settings.least_similarity = wanted.least_similarity;
  settings.resources = wanted.top_k;
  CHALK_TRY(const auto content, read_file(wanted.catalogue));
  auto made = recommendation::make(std::move(settings), content, wanted.catalogue.string(),
                                   embed_with(encoder, with.cores), *with.watch);
  if (!made)
    return at(wanted.catalogue_where, made.error());
  return pipeline_task{*made, {*wanted.model}};
}

/// The writer of a pipeline, whose list of models has the model at `index`.
result<text_writer> make_writer(const pipeline_configuration& wanted, const shelved_model& model, std::size_t index) {
  auto writes = model.for_task(index);
  writes.max_tokens = models::longest_prompt(model.loaded, wanted.writing.generation);
  auto writing = wanted.writing;
  if (wanted.prompt)
    writing.unit = prompt_unit::whole;
  auto writer = text_writer::make(std::move(writes), std::move(writing));
  if (!writer)
    return error{writer.error().code, wanted.where + ": " + writer.error().message};
  return writer;
}

result<pipeline_task> make_text_writing(const pipeline_configuration& wanted, const task_settings& common,
                                        const shelved_model& model, education::result_kind becomes) {
  CHALK_TRY(auto writer, make_writer(wanted, model, 0));
  text_writing_settings settings{.task = common,
                                 .becomes = becomes,
                                 .writer = std::move(writer),
                                 .prompt = wanted.prompt,
                                 .from_language = wanted.from_language,
                                 .to_language = wanted.to_language};
  return pipeline_task{std::make_shared<text_writing>(std::move(settings)), {*wanted.model}};
}

result<pipeline_task> make_answering(const pipeline_configuration& wanted, const task_settings& common,
                                     const model_shelf& shelf, const task_surroundings& with) {
  answering_settings settings;
  settings.task = common;
  settings.encoder = shelf.at(*wanted.model).for_task(0);
  pipeline_task made{nullptr, {*wanted.model}};
  if (wanted.reader) {
    settings.reader = shelf.at(*wanted.reader).for_task(1);
    made.models.push_back(*wanted.reader);
  }
  if (wanted.writer) {
    CHALK_TRY(auto writer, make_writer(wanted, shelf.at(*wanted.writer), 1));
    settings.writer = {std::move(writer), *wanted.prompt};
    made.models.push_back(*wanted.writer);
  }
  settings.span = wanted.span;
  settings.passages = wanted.passages;
  settings.least_similarity = wanted.least_similarity;
  settings.no_answer_below = wanted.no_answer_below;
  settings.review_below = wanted.review_below.value_or(settings.review_below);
  CHALK_TRY(const auto content, read_file(wanted.material));
  const auto file = wanted.material.string();
  auto index = index_material(settings.encoder,
                              {.content = content,
                               .file = file,
                               .passage_length = wanted.passage_length,
                               .cache = with.state_dir / "passages" / wanted.name},
                              embed_with(shelf.at(*wanted.model), with.cores), *with.watch, *with.journal);
  if (!index)
    return at(wanted.material_where, index.error());
  made.steps = std::make_shared<answering>(std::move(settings), std::move(*index));
  return made;
}

/// transformers' name for a label that has none of its own.
bool is_placeholder(std::string_view label) {
  return label.starts_with("LABEL_");
}

essay_outputs outputs_of(const models::loaded_model& essay_model, const pipeline_configuration& wanted) {
  essay_outputs outputs;
  outputs.scores = essay_model.problem_type == "regression" || essay_model.compute->output_width() == 1;
  outputs.lowest = wanted.lowest_score;
  outputs.highest = wanted.highest_score;
  if (std::none_of(essay_model.labels.begin(), essay_model.labels.end(), is_placeholder))
    outputs.names = essay_model.labels;
  return outputs;
}

image_model that_sees(const shelved_model& model, page_split split) {
  return {.index = 0,
          .identity = model.loaded.compute->identity(),
          .pictures = model.loaded.pictures,
          .split = split,
          .tokens = model.loaded.image_tokens,
          .labels = model.loaded.labels};
}

error at_remote(const pipeline_configuration& wanted, const error& why) {
  return {why.code, wanted.where + ": " + std::string(wanted.files_key()) + ".remote: " + why.message};
}

result<image_source> make_source(const pipeline_configuration& wanted, std::size_t max_bytes, submitted_kind kind,
                                 const std::stop_token& stop) {
  std::shared_ptr<const remote::remote_files> elsewhere;
  if (wanted.remote) {
    auto made = remote::remote_files::make(*wanted.remote, stop);
    if (!made)
      return at_remote(wanted, made.error());
    elsewhere = std::move(*made);
  }
  auto source = image_source::make(wanted.image_folders, max_bytes, kind, std::move(elsewhere));
  if (!source)
    return error{source.error().code,
                 wanted.where + ": " + std::string(wanted.files_key()) + ".folders: " + source.error().message};
  return source;
}

result<pipeline_task> make_grading(const pipeline_configuration& wanted, const task_settings& common,
                                   const model_shelf& shelf, const std::stop_token& stop) {
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
  if (wanted.answer_model) {
    auto classes = answer_classes_of(shelf.at(*wanted.answer_model).loaded.labels);
    if (!classes)
      return at(wanted.answer_model_where, classes.error());
    settings.answer_model = {use(*wanted.answer_model), std::move(*classes)};
  }
  if (wanted.essay_model)
    settings.essay_model = {use(*wanted.essay_model), outputs_of(shelf.at(*wanted.essay_model).loaded, wanted)};
  if (wanted.reader) {
    CHALK_TRY(auto source, make_source(wanted, wanted.image_limits.max_bytes, submitted_kind::image, stop));
    const auto index = made.models.size();
    made.models.push_back(*wanted.reader);
    settings.scans = {.reader = {index, shelf.at(*wanted.reader).loaded.compute->identity(), wanted.split},
                      .source = std::move(source),
                      .limits = wanted.image_limits,
                      .review_below = wanted.reading_below.value_or(unsure_reading)};
  }
  made.steps = std::make_shared<grading>(std::move(settings));
  return made;
}

pipeline_task make_summarization(const pipeline_configuration& wanted, const task_settings& common,
                                 const shelved_model& encoder) {
  summarization_settings settings;
  settings.task = common;
  settings.encoder = encoder.for_task(0);
  settings.summary = wanted.summary;
  settings.summary.head = encoder.summary_head;
  settings.review_below = wanted.review_below;
  return {std::make_shared<summarization>(std::move(settings)), {*wanted.model}};
}

/// What the pipeline's labels mean to a model that lays texts and images side by side.
result<label_vectors> meanings_of(const pipeline_configuration& wanted, const shelved_model& model) {
  const auto& loaded = model.loaded;
  if (!loaded.texts)
    return error{errc::invalid_configuration, wanted.where + ": labels: the model '"
                                                  + loaded.compute->identity()->name
                                                  + "' has no vectors of texts to compare images with"};
  if (!model.tokenizer)
    return error{errc::not_found, wanted.where + ": labels: the directory of the model '"
                                      + loaded.compute->identity()->name + "' has no tokenizer.json"};
  auto made = label_vectors::make(wanted.labels, wanted.label_prompt, *model.tokenizer, *loaded.compute,
                                  loaded.texts->scale, loaded.texts->max_tokens);
  if (!made)
    return error{made.error().code, wanted.where + ": labels: " + made.error().message};
  return made;
}

result<pipeline_task> make_recognition(const pipeline_configuration& wanted, const task_settings& common,
                                       const shelved_model& model, const std::stop_token& stop) {
  CHALK_TRY(auto source, make_source(wanted, wanted.image_limits.max_bytes, submitted_kind::image, stop));
  auto sees = that_sees(model, wanted.split);
  if (model.loaded.writing) {
    CHALK_TRY(sees.writer, make_writer(wanted, model, 0));
  } else if (!wanted.writing_where.empty()) {
    return error{errc::invalid_configuration, wanted.writing_where + ": the model '" + sees.identity->name
                                                  + "' does not write; it tells classes of images"};
  }
  if (wanted.split == page_split::lines && !model.loaded.writing && !model.loaded.reads_pages)
    return error{errc::invalid_configuration, wanted.where + ": lines: split is for models that read or write; '"
                                                  + sees.identity->name + "' tells classes of images"};
  if (model.loaded.finds_regions) {
    sees.regions_above = wanted.regions_above.value_or(sure_region);
  } else if (wanted.regions_above) {
    return error{errc::invalid_configuration, wanted.where + ": regions_above is for models that find regions; '"
                                                  + sees.identity->name + "' does not"};
  }
  if (!wanted.labels.empty()) {
    CHALK_TRY(sees.meanings, meanings_of(wanted, model));
    sees.labels = wanted.labels;
  }
  recognition_settings settings{
      .task = common, .model = std::move(sees), .source = std::move(source), .limits = wanted.image_limits};
  if (model.loaded.reads_pages)
    settings.review_below = unsure_reading;
  settings.review_below = wanted.review_below.value_or(settings.review_below);
  return pipeline_task{std::make_shared<recognition>(std::move(settings)), {*wanted.model}};
}

result<pipeline_task> make_clip_recognition(const pipeline_configuration& wanted, const task_settings& common,
                                            const shelved_model& model, const std::stop_token& stop) {
  CHALK_TRY(auto source, make_source(wanted, wanted.clip_limits.max_bytes, submitted_kind::video, stop));
  clip_recognition_settings settings{.task = common,
                                     .model = that_sees(model, page_split::whole),
                                     .source = std::move(source),
                                     .limits = wanted.clip_limits};
  settings.review_below = wanted.review_below.value_or(settings.review_below);
  return pipeline_task{std::make_shared<clip_recognition>(std::move(settings)), {*wanted.model}};
}

pipeline_task make_overrides(const pipeline_configuration& wanted, const task_settings& common,
                             const task_surroundings& with) {
  follower_settings follow;
  follow.brokers = with.brokers;
  follow.topic = wanted.grades;
  follow.client = with.client;
  follow.remembered = wanted.remembered;
  overrides_settings settings{.task = common,
                              .grades = std::make_shared<grade_follower>(std::move(follow), with.stop, *with.journal),
                              .steps = wanted.steps,
                              .tenant = wanted.tenant};
  return {std::make_shared<overrides>(std::move(settings)), {}};
}

error wrong_sense(const pipeline_configuration& wanted, const shelved_model& model, std::string_view why) {
  return {errc::invalid_configuration,
          wanted.where + ": model '" + model.loaded.compute->identity()->name + "' " + std::string(why)};
}

/// A pipeline of texts needs models that read them, one of images a model that sees them; the reader of a grading
/// pipeline sees images too.
result<void> check_senses(const pipeline_configuration& wanted, const model_shelf& shelf) {
  const bool scans = wanted.kind == pipeline_kind::grading;
  for (const auto& model :
       {wanted.model, wanted.answer_model, wanted.essay_model, wanted.writer, scans ? std::nullopt : wanted.reader}) {
    if (!model || shelf.at(*model).sees_images() == wanted.sees())
      continue;
    return wrong_sense(wanted, shelf.at(*model),
                       shelf.at(*model).sees_images() ? "sees images; this pipeline needs one that reads texts"
                                                      : "reads texts; this pipeline needs one that sees images");
  }
  if (wanted.kind == pipeline_kind::video)
    if (const auto& seen = shelf.at(*wanted.model).loaded;
        seen.pictures == nullptr || seen.writing || seen.finds_regions)
      return wrong_sense(wanted, shelf.at(*wanted.model),
                         std::string(seen.finds_regions ? "finds regions in" : "reads")
                             + " images; clips need one that tells their classes");
  if (scans && wanted.reader && !shelf.at(*wanted.reader).loaded.reads_pages)
    return wrong_sense(wanted, shelf.at(*wanted.reader), "does not read pages, as the reader of scans must");
  return {};
}

} // namespace

result<pipeline_task> make_task(const pipeline_configuration& wanted, const model_shelf& shelf,
                                const task_surroundings& with) {
  CHALK_CHECK(check_senses(wanted, shelf));
  task_settings common;
  common.pipeline = wanted.name;
  common.source_topic = wanted.from;
  common.pseudonyms = with.pseudonyms;
  common.text_too_long = wanted.text_too_long;
  common.max_bytes = wanted.max_bytes;
  common.groups = with.groups;
  switch (wanted.kind) {
  case pipeline_kind::grading: return make_grading(wanted, common, shelf, with.stop);
  case pipeline_kind::recommendation: return make_recommendation(wanted, common, shelf.at(*wanted.model), with);
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
  case pipeline_kind::recognition: return make_recognition(wanted, common, shelf.at(*wanted.model), with.stop);
  case pipeline_kind::video:
    return make_clip_recognition(wanted, common, shelf.at(*wanted.model), with.stop);
  case pipeline_kind::answering: return make_answering(wanted, common, shelf, with);
  case pipeline_kind::overrides:
    return make_overrides(wanted, common, with);
  case pipeline_kind::echo: return pipeline_task{std::make_shared<echo>(common), {}};
  }
  return {errc::internal, "a kind of pipeline nobody makes"};
}

result<void> check_task(const pipeline_configuration& wanted) {
  if (wanted.kind == pipeline_kind::recommendation) {
    CHALK_TRY(const auto content, read_file(wanted.catalogue));
    if (auto read = education::parse_catalogue(content, wanted.catalogue.string()); !read)
      return at(wanted.catalogue_where, read.error());
  }
  if (wanted.kind == pipeline_kind::answering) {
    CHALK_TRY(const auto content, read_file(wanted.material));
    if (auto read = education::parse_course_material(content, wanted.material.string(), wanted.passage_length); !read)
      return at(wanted.material_where, read.error());
  }
  if (wanted.remote)
    if (const auto fine = remote::check_remote(*wanted.remote); !fine)
      return at_remote(wanted, fine.error());
  return {};
}

} // namespace chalkstream::pipelines
