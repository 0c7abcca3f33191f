#include "models/repository.hpp"

#include "models/device.hpp"
#include "models/digest.hpp"
#include "models/document.hpp"
#include "models/families/family.hpp"
#include "models/packed_model.hpp"
#include "models/text/word_tokenizer.hpp"
#include "models/word_model.hpp"

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

// The digest must be of the bytes that were loaded: a file replaced in between shows in its stamp.
result<void> same_files(const tensor_archive& archive, const model_digest& digest) {
  for (const auto& mapped : archive.files())
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

result<loaded_model> assemble(const load_request& request, observer& watcher) {
  CHALK_TRY(const bool has_words, text::has_word_vectors(request.directory));
  if (has_words)
    return load_word_model(request, watcher);
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
  CHALK_CHECK(same_files(*found.weights, digest));
  parts.identity = std::make_shared<const model_identity>(
      model_identity{request.name, request.version.empty() ? "1" : request.version, digest.hex});
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

result<void> inspect(const std::filesystem::path& directory) {
  try {
    CHALK_TRY(const bool has_words, text::has_word_vectors(directory));
    if (has_words)
      return inspect_word_model(directory);
    CHALK_TRY(const auto found, describe(directory));
    return {};
  } catch (const std::exception& e) {
    return {errc::internal, directory.string() + ": " + e.what()};
  }
}

} // namespace chalkstream::models
