#include "models/repository.hpp"

#include "models/device.hpp"
#include "models/document.hpp"
#include "models/encoder_model.hpp"
#include "models/exported/exported_directory.hpp"
#include "models/families/family.hpp"
#include "models/generation/decoder_directory.hpp"
#include "models/generation/writer_directory.hpp"
#include "models/loading.hpp"
#include "models/ngrams/ngram_directory.hpp"
#include "models/printed_directory.hpp"
#include "models/reading/line_directory.hpp"
#include "models/text/word_tokenizer.hpp"
#include "models/vision/vision_directory.hpp"
#include "models/vision/vision_kind.hpp"
#include "models/word_model.hpp"

#include <array>
#include <new>

namespace chalkstream::models {
namespace {

// An encoder's family with a head that writes is refused as what it is.
result<bool> is_writer(const std::filesystem::path& directory) {
  CHALK_TRY(const bool by_architecture, writes(directory));
  if (!by_architecture)
    return false;
  const auto file = directory / "config.json";
  CHALK_TRY(const auto root, read_json(file));
  return !families::family_of(settings(file.string(), root)).ok();
}

// For kinds whose directory says everything.
template <result<void> (*Inspect)(const std::filesystem::path&)>
result<void> by_directory(const load_request& request) {
  return Inspect(request.directory);
}

constexpr std::array<model_kind, 7> special_kinds{
    {{is_exported, load_exported_model, inspect_exported_model},
     {is_printed_reader, load_printed_reader, by_directory<inspect_printed_reader>},
     {reading::is_line_reader, reading::load_line_reader, by_directory<reading::inspect_line_reader>},
     {has_ngrams, load_ngram_model, by_directory<inspect_ngram_model>},
     {text::has_word_vectors, load_word_model, by_directory<inspect_word_model>},
     {vision::is_vision_model, vision::load_vision_model, by_directory<vision::inspect_vision_model>},
     {is_writer, load_writer, by_directory<inspect_writer>}}};
// What is none of them: a family of encoders, or unknown, and then its error says so.
constexpr model_kind encoders{nullptr, load_encoder_model, by_directory<inspect_encoder_model>};

result<model_kind> kind_of(const std::filesystem::path& directory) {
  for (const auto& kind : special_kinds) {
    CHALK_TRY(const bool is, kind.is(directory));
    if (is)
      return kind;
  }
  return encoders;
}

result<loaded_model> load_kind(const load_request& request, observer& watcher) {
  CHALK_TRY(const auto kind, kind_of(request.directory));
  return kind.load(request, watcher);
}

result<loaded_model> guarded(const load_request& request, observer& watcher) {
  try {
    return load_kind(request, watcher);
  } catch (const std::bad_alloc&) {
    return error{errc::out_of_memory, request.directory.string() + ": the weights do not fit into memory"};
  } catch (const std::exception& e) {
    if (ran_out_of_memory(e))
      return error{errc::out_of_memory,
                   request.directory.string() + ": the weights do not fit into the memory of " + request.device};
    return error{errc::internal, request.directory.string() + ": " + e.what()};
  }
}

} // namespace

result<loaded_model> load(const load_request& request, observer& watcher, log& journal) {
  const auto began = std::chrono::steady_clock::now();
  auto loaded = guarded(request, watcher);
  const auto took = std::chrono::steady_clock::now() - began;
  watcher.model_loaded(request.name, request.device, loaded.ok(), took);
  if (!loaded) {
    journal.error("models", "model " + request.name + " failed to load on " + request.device + ": "
                                + to_string(loaded.error()));
    return loaded;
  }
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  journal.info("models", "model " + request.name + " is ready on " + request.device + ": "
                             + std::to_string(loaded->weight_bytes >> 20) + " MiB of weights, "
                             + std::to_string(milliseconds) + " ms, digest "
                             + loaded->compute->identity()->digest.substr(0, 12));
  return loaded;
}

result<void> inspect(const load_request& request) {
  try {
    CHALK_TRY(const auto kind, kind_of(request.directory));
    return kind.inspect(request);
  } catch (const std::exception& e) {
    return {errc::internal, request.directory.string() + ": " + e.what()};
  }
}

result<void> inspect(const std::filesystem::path& directory) {
  load_request request;
  request.directory = directory;
  return inspect(request);
}

result<bool> sees_images(const std::filesystem::path& directory) {
  CHALK_TRY(const bool reads_pages, is_printed_reader(directory));
  CHALK_TRY(const bool reads_lines, reading::is_line_reader(directory));
  CHALK_TRY(const bool looks, vision::is_vision_model(directory));
  return reads_pages || reads_lines || looks ? result<bool>(true) : writes_to_pictures(directory);
}

result<bool> finds_regions(const std::filesystem::path& directory) {
  return vision::finds_regions(directory);
}

} // namespace chalkstream::models
