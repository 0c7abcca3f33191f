#include "models/repository.hpp"

#include "models/device.hpp"
#include "models/digest.hpp"
#include "models/document.hpp"
#include "models/families/family.hpp"
#include "models/generation/decoder_directory.hpp"
#include "models/generation/writing_model.hpp"
#include "models/packed_model.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <limits>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

namespace chalkstream::models {
namespace {

// A directory whose every description fits together; no weight has been read.
struct described_directory {
  std::shared_ptr<const tensor_archive> weights;
  model_description model;
  pooling_description pooling;
  std::size_t max_tokens = 0;
};

// Hugging Face writes 1e30 where a tokenizer has no limit.
result<std::size_t> tokenizer_limit(const std::filesystem::path& directory, std::size_t positions) {
  const auto file = directory / "tokenizer_config.json";
  std::error_code none;
  if (!std::filesystem::exists(file, none))
    return positions;
  CHALK_TRY(const auto root, read_json(file));
  const settings s(file.string(), root);
  CHALK_TRY(const auto limit, s.number("model_max_length", static_cast<double>(positions)));
  if (!(limit >= 1))
    return error{errc::invalid_configuration, file.string() + ": 'model_max_length' must be at least 1"};
  return limit >= static_cast<double>(positions) ? positions : static_cast<std::size_t>(limit);
}

result<described_directory> describe(const std::filesystem::path& directory) {
  std::error_code none;
  if (!std::filesystem::is_directory(directory, none))
    return error{errc::not_found, directory.string() + ": is not a directory"};
  const auto file = directory / "config.json";
  CHALK_TRY(const auto root, read_json(file));
  if (root.as<json_value::object>() == nullptr)
    return error{errc::invalid_configuration, file.string() + ": must be an object"};
  const settings configuration(file.string(), root);
  CHALK_TRY(const auto* family, families::family_of(configuration));
  CHALK_TRY(auto archive, tensor_archive::open(directory));
  described_directory found;
  found.weights = std::make_shared<const tensor_archive>(std::move(archive));
  auto described = family->describe(configuration, *found.weights);
  if (!described)
    return error{described.error().code, described.error().message.starts_with(directory.string())
                                             ? described.error().message
                                             : directory.string() + ": " + described.error().message};
  found.model = std::move(*described);
  CHALK_TRY(found.pooling, read_pooling(directory, found.model.encoder.width));
  CHALK_TRY(found.max_tokens, tokenizer_limit(directory, found.model.encoder.positions));
  return found;
}

// An encoder's family with a head that writes is refused as what it is.
bool of_encoder_family(const std::filesystem::path& directory) {
  const auto file = directory / "config.json";
  const auto root = read_json(file);
  return root && families::family_of(settings(file.string(), *root)).ok();
}

// The digest must be of the bytes that were loaded: a file replaced in between shows in its stamp.
result<void> same_files(const std::vector<file_stamp>& mapped_files, const model_digest& digest) {
  for (const auto& mapped : mapped_files)
    if (std::find(digest.files.begin(), digest.files.end(), mapped) == digest.files.end())
      return {errc::io, mapped.path.string() + ": was replaced while it was loaded; load it again"};
  return {};
}

// A few lengths up to a long one: page tables, buffers and caches are what they will be, and an answer that is not
// finite shows before any record does.
result<void> warm_up(const model& ready) {
  for (const std::size_t tokens : {8, 64, 256}) {
    sequence s;
    for (std::size_t i = 0; i < std::min(tokens, ready.max_tokens()); ++i)
      s.ids.push_back(0);
    const std::array<const sequence*, 1> batch{&s};
    if (auto rows = ready.run(batch, nullptr); !rows)
      return error{rows.error().code, "warming up failed: " + rows.error().message};
  }
  return {};
}

// A short prompt, some steps on: likewise.
result<void> warm_up(const writing_model& ready) {
  sequence prompt;
  prompt.ids.assign(std::min<std::size_t>(8, std::max<std::size_t>(ready.max_tokens(), 2) - 1), 0);
  generation_settings wanted;
  wanted.max_new_tokens = 4;
  wanted.beams = 1;
  prompt.wanted = std::make_shared<const generation_settings>(wanted);
  auto text = ready.begin(prompt);
  auto done = text ? result<void>() : result<void>(text.error());
  while (done && *text && !(*text)->finished()) {
    writing* const batch[]{text->get()};
    done = ready.step(batch);
  }
  if (!done)
    return error{done.error().code, "warming up failed: " + done.error().message};
  return {};
}

// What the kernels do not have runs on LibTorch, one text at a time: results then do not depend on the batch either.
result<std::unique_ptr<encoder>> make_encoder(const described_directory& found, const device& where,
                                              const load_progress& progress) {
  const bool on_cpu = where.kind == device_kind::cpu;
  if (on_cpu && runs_on_kernels(found.model.encoder))
    return make_cpu_encoder(found.model.encoder, found.weights, kernels::best(), progress);
  return make_torch_encoder(found.model.encoder, found.weights, where, progress, on_cpu);
}

struct wanted_head {
  head output;
  head_kind kind;
  std::string_view name;
};
constexpr std::array<wanted_head, 3> wanted_heads{{{head::logits, head_kind::text, "classification"},
                                                   {head::token_logits, head_kind::tokens, "token classification"},
                                                   {head::span_logits, head_kind::span, "question answering"}}};

result<void> check_head(const load_request& request, const std::optional<head_description>& has) {
  for (const auto& wanted : wanted_heads)
    if (request.output == wanted.output && (!has || has->kind != wanted.kind))
      return {errc::invalid_configuration, request.directory.string() + ": has no " + std::string(wanted.name)
                                               + " head (architectures in config.json)"};
  return {};
}

std::shared_ptr<const model_identity> identity_of(const load_request& request, const model_digest& digest) {
  return std::make_shared<const model_identity>(
      model_identity{request.name, request.version.empty() ? "1" : request.version, digest.hex});
}

result<loaded_model> assemble_writer(const load_request& request, observer& watcher) {
  CHALK_TRY(const auto where, parse_device(request.device));
  CHALK_TRY(const bool fits, writes(request.directory));
  if (!fits)
    return error{errc::invalid_configuration,
                 request.directory.string() + ": is no model that writes texts (architectures in config.json)"};
  const std::string step = "load " + request.name;
  watcher.progress(step, 0);
  CHALK_TRY(auto opened, open_decoder(request.directory, where, request.text_cache_bytes,
                                      [&](double fraction) { watcher.progress(step, 0.8 * fraction); }));
  writing_model::parts parts;
  parts.compute = std::move(opened.compute);
  CHALK_TRY(parts.rules, generation_config::of_directory(request.directory));
  std::vector<std::filesystem::path> weight_files;
  for (const auto& stamp : opened.files)
    weight_files.push_back(stamp.path);
  CHALK_TRY(const auto digest, digest_model(request.directory, weight_files, request.cache_directory));
  CHALK_CHECK(same_files(opened.files, digest));
  parts.identity = identity_of(request, digest);

  loaded_model loaded;
  loaded.weight_bytes = opened.weight_bytes;
  loaded.writing = {parts.compute->source_positions() > 0, parts.rules.max_new_tokens, parts.rules.max_length};
  auto made = writing_model::make(std::move(parts));
  if (!made)
    return error{made.error().code, request.directory.string() + ": " + made.error().message};
  const auto& ready = *made;
  CHALK_CHECK(warm_up(*ready));
  watcher.progress(step, 1);
  loaded.compute = ready;
  CHALK_TRY(loaded.max_tokens, tokenizer_limit(request.directory, ready->max_tokens()));
  return loaded;
}

result<loaded_model> assemble(const load_request& request, observer& watcher) {
  if (request.output == head::text)
    return assemble_writer(request, watcher);
  CHALK_TRY(const auto where, parse_device(request.device));
  CHALK_TRY(auto found, describe(request.directory));
  CHALK_CHECK(check_head(request, found.model.head));

  std::vector<std::filesystem::path> weight_files;
  for (const auto& stamp : found.weights->files())
    weight_files.push_back(stamp.path);
  auto digesting = std::async(std::launch::async,
                              [&] { return digest_model(request.directory, weight_files, request.cache_directory); });

  const std::string step = "load " + request.name;
  watcher.progress(step, 0);
  CHALK_TRY(auto compute,
            make_encoder(found, where, [&](double fraction) { watcher.progress(step, 0.9 * fraction); }));
  const auto& table = kernels::best();
  const auto& encoder = found.model.encoder;
  loaded_model loaded;
  loaded.weight_bytes = compute->weight_bytes();
  packed_model::parts parts;
  parts.compute = std::move(compute);
  parts.vocabulary = encoder.vocabulary;
  parts.types = encoder.types;
  parts.positions = encoder.positions;
  parts.width = encoder.width;
  if (request.output != head::embedding) {
    CHALK_TRY(parts.head, classifier::make(*found.model.head, table));
    loaded.weight_bytes += parts.head->bytes();
  } else {
    parts.pooling.emplace(found.pooling, encoder.width, table);
  }

  CHALK_TRY(const auto digest, digesting.get());
  CHALK_CHECK(same_files(found.weights->files(), digest));
  parts.identity = identity_of(request, digest);
  const auto ready = std::make_shared<const packed_model>(std::move(parts));
  CHALK_CHECK(warm_up(*ready));
  watcher.progress(step, 1);

  loaded.compute = ready;
  loaded.has_classifier = found.model.head && found.model.head->kind == head_kind::text;
  loaded.labels = std::move(found.model.labels);
  loaded.problem_type = std::move(found.model.problem_type);
  loaded.max_tokens = found.max_tokens;
  return loaded;
}

result<loaded_model> guarded(const load_request& request, observer& watcher) {
  try {
    return assemble(request, watcher);
  } catch (const std::bad_alloc&) {
    return error{errc::out_of_memory, request.directory.string() + ": the weights do not fit into memory"};
  } catch (const std::exception& e) {
    return error{errc::internal, request.directory.string() + ": " + e.what()};
  }
}

} // namespace

result<loaded_model> load(const load_request& request, observer& watcher, log& journal) {
  const auto began = std::chrono::steady_clock::now();
  auto loaded = guarded(request, watcher);
  const auto took = std::chrono::steady_clock::now() - began;
  watcher.model_loaded(request.name, loaded.ok(), took);
  if (!loaded) {
    journal.error("models", "model " + request.name + " failed to load: " + to_string(loaded.error()));
    return loaded;
  }
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  journal.info("models", "model " + request.name + " is ready: " + std::to_string(loaded->weight_bytes >> 20)
                             + " MiB of weights, " + std::to_string(milliseconds) + " ms, digest "
                             + loaded->compute->identity()->digest.substr(0, 12));
  return loaded;
}

std::size_t longest_prompt(const loaded_model& loaded, const generation_settings& wanted) {
  if (!loaded.writing || loaded.writing->has_source)
    return loaded.max_tokens;
  const auto& known = *loaded.writing;
  constexpr std::size_t default_new_tokens = 20; // as plan_search has it
  auto longest = loaded.max_tokens;
  auto new_tokens = wanted.max_new_tokens ? wanted.max_new_tokens : known.max_new_tokens;
  if (!new_tokens && known.max_length)
    return std::max<std::size_t>(std::min(longest, *known.max_length), 2) - 1;
  const auto room = new_tokens.value_or(default_new_tokens);
  return longest > room ? longest - room : 1;
}

result<void> inspect(const std::filesystem::path& directory) {
  try {
    CHALK_TRY(const bool writer, writes(directory));
    if (writer && !of_encoder_family(directory)) {
      CHALK_CHECK(inspect_decoder(directory));
      CHALK_TRY(const auto rules, generation_config::of_directory(directory));
      return {};
    }
    CHALK_TRY(const auto found, describe(directory));
    return {};
  } catch (const std::exception& e) {
    return {errc::internal, directory.string() + ": " + e.what()};
  }
}

} // namespace chalkstream::models
