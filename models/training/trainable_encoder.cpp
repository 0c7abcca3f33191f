#include "models/training/trainable_encoder.hpp"

#include "models/sequence_limits.hpp"
#include "models/training/guarded.hpp"
#include "models/training/learning_device.hpp"
#include "models/training/learning_head.hpp"
#include "models/training/learning_weights.hpp"
#include "models/training/model_writer.hpp"
#include "models/training/training_tensors.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <utility>

namespace chalkstream::models::training {

struct trainable_encoder::parts {
  parts(const trainable_settings& s, starting_point from, const device& there)
      : settings(s), where(there), start(std::move(from)),
        layers(start.model.encoder, *start.weights, where, false, {}),
        head(*start.model.head, *start.weights, where, settings.learns, settings.label_weights),
        weights(all_tensors(), settings.optimiser) {}

  /// Rows in `packed`'s order, and the batch's loss.
  std::pair<at::Tensor, at::Tensor> forward(const packed_batch& packed, std::span<const training_example> batch,
                                            bool learning) {
    const auto states = layers.states(packed, learning ? start.dropout : dropout_rates{});
    return head.apply(states, packed, batch, settings.scales, learning ? start.head_dropout : 0);
  }

  std::vector<layer_tensor> all_tensors() const {
    auto all = layers.tensors();
    all.insert(all.end(), head.tensors().begin(), head.tensors().end());
    return all;
  }

  trainable_settings settings;
  device where;
  starting_point start;
  torch_layers layers;
  learning_head head;
  learning_weights weights;
};

namespace {

packed_batch packed(std::span<const training_example> batch, const encoder_description& encoder) {
  std::vector<const sequence*> sequences;
  for (const auto& example : batch)
    sequences.push_back(example.tokens);
  return pack(sequences, encoder);
}

} // namespace

trainable_encoder::trainable_encoder(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
trainable_encoder::~trainable_encoder() = default;

result<std::unique_ptr<trainable_encoder>> trainable_encoder::make(const trainable_settings& settings) {
  return guarded([&]() -> result<std::unique_ptr<trainable_encoder>> {
    CHALK_TRY(const auto where, learning_device(settings.device, settings.threads));
    CHALK_TRY(auto start, start_from(settings.model));
    return std::unique_ptr<trainable_encoder>(
        new trainable_encoder(std::make_unique<parts>(settings, std::move(start), where)));
  });
}

std::size_t trainable_encoder::max_tokens() const noexcept {
  return parts_->start.max_tokens;
}

result<void> trainable_encoder::check(const sequence& tokens) const {
  return sequence_limits::of(parts_->start.model.encoder).check(tokens);
}

result<double> trainable_encoder::learn(std::span<const training_example> batch, std::size_t of, std::uint64_t seed) {
  return guarded([&]() -> result<double> {
    at::manual_seed(seed);
    at::Tensor loss;
    {
      const mixed_precision mixed(parts_->settings.mixed, parts_->where);
      const auto p = packed(batch, parts_->start.model.encoder);
      loss = parts_->forward(p, batch, true).second / static_cast<double>(of);
    }
    loss.backward();
    return loss.item<double>();
  });
}

result<double> trainable_encoder::update(double rate) {
  return guarded([&]() -> result<double> { return parts_->weights.step(rate); });
}

result<judged_rows> trainable_encoder::judge(std::span<const training_example> batch) {
  return guarded([&]() -> result<judged_rows> {
    const c10::NoGradGuard no_gradients;
    const auto p = packed(batch, parts_->start.model.encoder);
    const auto [rows, loss] = parts_->forward(p, batch, false);
    judged_rows judged;
    judged.loss = loss.item<double>();
    judged.rows = in_callers_order(rows, p, parts_->start.model.head->kind != head_kind::text);
    return judged;
  });
}

result<void> trainable_encoder::write_model(const std::filesystem::path& directory, std::size_t max_tokens) const {
  return guarded([&]() -> result<void> {
    const c10::NoGradGuard no_gradients;
    CHALK_TRY(const auto tokenizer, tokenizer_files(parts_->settings.model.directory, max_tokens));
    CHALK_CHECK(write_model_files(directory, parts_->start.configuration, tokenizer));
    std::vector<named_tensor> all;
    for (const auto& tensor : parts_->weights.tensors()) {
      const auto value = parts_->head.for_outputs(tensor, parts_->settings.scales);
      const auto shares = value.chunk(static_cast<std::int64_t>(tensor.names.size()));
      for (std::size_t i = 0; i < shares.size(); ++i)
        all.emplace_back(tensor.names[i], shares[i]);
    }
    return write_tensors(directory / "model.safetensors", all);
  });
}

result<void> trainable_encoder::write_checkpoint(const std::filesystem::path& file, std::span<const double> numbers,
                                                 const std::string& text) const {
  return guarded([&] { return parts_->weights.write_checkpoint(file, numbers, text); });
}

result<trainable_encoder::restored> trainable_encoder::read_checkpoint(const std::filesystem::path& file) {
  return guarded([&] { return parts_->weights.read_checkpoint(file); });
}

} // namespace chalkstream::models::training
