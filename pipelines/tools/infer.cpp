#include "pipelines/tools/infer.hpp"

#include "models/generation/decoder_directory.hpp"
#include "models/repository.hpp"
#include "models/text/tokenizer.hpp"
#include "pipelines/exported_directory.hpp"
#include "pipelines/summary_head_directory.hpp"
#include "pipelines/tools/detect_lines.hpp"
#include "pipelines/tools/line_task.hpp"
#include "pipelines/tools/neighbours.hpp"
#include "pipelines/tools/read_lines.hpp"
#include "pipelines/tools/summarize_lines.hpp"
#include "pipelines/tools/write_lines.hpp"
#include "pipelines/tools/write_picture_lines.hpp"

namespace chalkstream::pipelines::tools {

std::optional<infer_task> infer_task_from(std::string_view name) {
  if (name == "embed")
    return infer_task::embed;
  if (name == "classify")
    return infer_task::classify;
  if (name == "score")
    return infer_task::score;
  if (name == "span")
    return infer_task::span;
  if (name == "tag")
    return infer_task::tag;
  if (name == "read")
    return infer_task::read;
  if (name == "detect")
    return infer_task::detect;
  if (name == "summarize")
    return infer_task::summarize;
  if (name == "generate")
    return infer_task::generate;
  if (name == "translate")
    return infer_task::translate;
  if (name == "neighbours")
    return infer_task::neighbours;
  return std::nullopt;
}

namespace {

prompt_unit unit_for(infer_task task) {
  switch (task) {
  case infer_task::summarize:
    return prompt_unit::window;
  case infer_task::translate:
    return prompt_unit::sentence;
  default:
    return prompt_unit::whole;
  }
}

// Summaries are either written or chosen, as the model can.
result<models::head> output_for(const infer_settings& settings, const models::load_request& request) {
  if (settings.task != infer_task::summarize || request.program != nullptr)
    return head_for(settings.task);
  CHALK_TRY(const bool writes, models::writes(settings.model));
  return writes ? models::head::text : models::head::embedding;
}

result<std::shared_ptr<const task>> make_task(const infer_settings& settings,
                                              std::shared_ptr<const text::tokenizer> tokenizer,
                                              models::loaded_model loaded) {
  if (loaded.reads_pages != (settings.task == infer_task::read))
    return error{errc::invalid_configuration,
                 settings.model.string()
                     + (loaded.reads_pages ? ": is a model that reads pages; its task is read"
                                           : ": does not read pages; the task read needs one")};
  if (!settings.annotations.empty() && !loaded.reads_pages && !loaded.finds_regions
      && (settings.task != infer_task::classify || !loaded.pictures))
    return error{errc::invalid_configuration, settings.model.string()
                                                  + ": pictures are annotated with text that is read, with regions, or "
                                                    "with classes of images"};
  if (loaded.reads_pages)
    return make_read_lines({.split = settings.split, .annotations = settings.annotations});
  if (loaded.finds_regions)
    return make_detect_lines(std::move(loaded),
                             {.above = settings.regions_above, .annotations = settings.annotations});
  if (!loaded.writing && settings.task != infer_task::summarize)
    return make_line_task(std::move(tokenizer), std::move(loaded), settings);
  task_model model{0, std::move(tokenizer), loaded.compute->identity(), loaded.max_tokens, {}};
  if (!loaded.writing) {
    auto choosing = settings.summary;
    CHALK_TRY(choosing.head, read_summary_head(settings.model));
    return make_summarize_lines(std::move(model), std::move(choosing));
  }
  auto writing = settings.writing;
  writing.unit = loaded.pictures ? prompt_unit::picture : unit_for(settings.task);
  model.max_tokens = models::longest_prompt(loaded, writing.generation);
  CHALK_TRY(auto writer, text_writer::make(std::move(model), std::move(writing)));
  if (loaded.pictures)
    return make_write_picture_lines(std::move(writer), loaded.pictures, loaded.image_tokens);
  return make_write_lines(std::move(writer));
}

// Models of images have no tokenizer, unless they write: null.
result<std::shared_ptr<const text::tokenizer>> load_tokenizer(const infer_settings& settings, bool exported) {
  CHALK_TRY(const bool images, models::sees_images(settings.model));
  if (exported || !images)
    return text::tokenizer::load(settings.model);
  CHALK_TRY(const bool writes, models::writes(settings.model));
  if (writes && settings.task != infer_task::generate)
    return error{errc::invalid_configuration,
                 settings.model.string() + ": is a model that writes to images; it serves the task generate"};
  if (writes)
    return text::tokenizer::load(settings.model);
  if (settings.task != infer_task::embed && settings.task != infer_task::classify
      && settings.task != infer_task::score && settings.task != infer_task::read
      && settings.task != infer_task::detect)
    return error{errc::invalid_configuration, settings.model.string()
                                                  + ": is a model of images; it serves the tasks embed, classify and "
                                                    "score, or read, or detect"};
  return std::shared_ptr<const text::tokenizer>();
}

} // namespace

result<infer_counts> infer(std::istream& in, std::ostream& out, const infer_settings& settings, observer& watch,
                           log& log) {
  if (settings.task == infer_task::neighbours)
    return neighbours(in, out, settings.model, settings.neighbours);
  std::error_code failed;
  if (!settings.annotations.empty() && !std::filesystem::create_directories(settings.annotations, failed) && failed)
    return error{errc::io, settings.annotations.string() + ": cannot be made: " + failed.message()};
  models::load_request request;
  request.name = settings.model.filename().string();
  request.directory = settings.model;
  request.device = settings.device;
  request.allow_code = settings.allow_code;
  CHALK_TRY(request.program, read_exported_program(settings.model));
  CHALK_TRY(auto tokenizer, load_tokenizer(settings, request.program != nullptr));
  CHALK_TRY(request.output, output_for(settings, request));
  CHALK_TRY(auto loaded, models::load(request, watch, log));
  if (loaded.texts) {
    auto found = text::tokenizer::load(settings.model);
    if (!found && found.error().code != errc::not_found) // its images need none
      return found.error();
    if (found)
      tokenizer = std::move(*found);
  }

  line_engine_settings engine;
  engine.compute = loaded.compute;
  engine.slots = settings.slots;
  engine.device = settings.device;
  engine.token_budget = settings.token_budget;
  CHALK_TRY(engine.steps, make_task(settings, std::move(tokenizer), std::move(loaded)));
  return run_lines(in, out, engine, log);
}

} // namespace chalkstream::pipelines::tools
