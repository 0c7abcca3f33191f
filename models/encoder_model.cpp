#include "models/encoder_model.hpp"

#include "models/described_directory.hpp"
#include "models/device.hpp"
#include "models/loading.hpp"
#include "models/packed_model.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <optional>
#include <string_view>
#include <utility>

namespace chalkstream::models {
namespace {

// What the kernels do not have runs on LibTorch, one text at a time: results then do not depend on the batch either.
result<std::unique_ptr<encoder>> make_encoder(const described_directory& found, const device& where,
                                              wanted_rows wanted, const load_progress& progress) {
  const bool on_cpu = where.kind == device_kind::cpu;
  if (on_cpu && runs_on_kernels(found.model.encoder))
    return make_cpu_encoder(found.model.encoder, found.weights, kernels::best(), progress);
  return make_torch_encoder(found.model.encoder, *found.weights, where, progress, on_cpu, wanted);
}

wanted_rows rows_for(head output, const pooling_description& pooling) {
  const auto only = [&](pooling_mode mode) {
    return output == head::embedding && pooling.modes.size() == 1 && pooling.modes.front() == mode;
  };
  if (output == head::logits || only(pooling_mode::first_token))
    return wanted_rows::first;
  return only(pooling_mode::mean) ? wanted_rows::mean : wanted_rows::each;
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
  if (request.output == head::text)
    return {errc::invalid_configuration,
            request.directory.string() + ": is no model that writes texts (architectures in config.json)"};
  if (request.output == head::regions)
    return {errc::invalid_configuration,
            request.directory.string() + ": is a model of texts: it finds no regions in images"};
  for (const auto& wanted : wanted_heads)
    if (request.output == wanted.output && (!has || has->kind != wanted.kind))
      return {errc::invalid_configuration, request.directory.string() + ": has no " + std::string(wanted.name)
                                               + " head (architectures in config.json)"};
  return {};
}

} // namespace

result<loaded_model> load_encoder_model(const load_request& request, observer& watcher) {
  CHALK_TRY(const auto where, parse_device(request.device));
  CHALK_TRY(auto found, describe(request.directory));
  CHALK_CHECK(check_head(request, found.model.head));

  auto digesting = std::async(std::launch::async, [&] { return digest_of(request, found.weights->files()); });

  const std::string step = "load " + request.name;
  watcher.progress(step, 0);
  CHALK_TRY(auto compute, make_encoder(found, where, rows_for(request.output, found.pooling),
                                       [&](double fraction) { watcher.progress(step, 0.9 * fraction); }));
  const auto& table = kernels::best();
  const auto& encoder = found.model.encoder;
  loaded_model loaded;
  loaded.weight_bytes = compute->weight_bytes();
  packed_model::parts parts;
  parts.compute = std::move(compute);
  parts.limits = sequence_limits::of(encoder);
  parts.width = encoder.width;
  if (request.output != head::embedding) {
    CHALK_TRY(parts.head, classifier::make(*found.model.head, table));
    loaded.weight_bytes += parts.head->bytes();
  } else {
    parts.pooling.emplace(found.pooling, encoder.width, table);
  }

  CHALK_TRY(const auto digest, digesting.get());
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

result<void> inspect_encoder_model(const std::filesystem::path& directory) {
  CHALK_TRY(const auto found, describe(directory));
  return {};
}

} // namespace chalkstream::models
