#include "models/training/trainable_lstm.hpp"

#include "models/document.hpp"
#include "models/encoders/torch_layers.hpp"
#include "models/families/generating/generating_family.hpp"
#include "models/generation/make_decoder.hpp"
#include "models/generation/writing_model.hpp"
#include "models/training/guarded.hpp"
#include "models/training/learning_device.hpp"
#include "models/training/learning_weights.hpp"
#include "models/training/lstm_network.hpp"
#include "models/training/model_writer.hpp"
#include "models/training/token_loss.hpp"
#include "models/training/training_tensors.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <utility>

namespace chalkstream::models::training {

namespace {

constexpr std::size_t cache_bytes = std::size_t{1} << 30; // of a copy that writes

class trainable_lstm final : public trainable_writer {
public:
  trainable_lstm(starting_lstm start, const lstm_settings& settings, const device& where, lstm_network network,
                 const std::vector<layer_tensor>& tensors)
      : start_(std::move(start)), settings_(settings), device_(where), network_(std::move(network)),
        weights_(tensors, settings.optimiser) {}

  std::size_t max_source() const noexcept override { return network_.description().positions; }
  std::size_t max_target() const noexcept override { return network_.description().positions; }

  result<void> check(const writing_example& example) const override {
    CHALK_CHECK(check_tokens(example.source, max_source(), vocabulary(), "source"));
    return check_tokens(example.target, max_target(), vocabulary(), "target");
  }

  result<double> learn(std::span<const writing_example> batch, std::size_t of_tokens, std::uint64_t seed) override {
    return guarded([&]() -> result<double> {
      at::manual_seed(seed);
      const auto [states, goals] = network_.states(batch, start_.dropout);
      return learn_tokens(states, goals, vocabulary(), settings_.smoothing, static_cast<double>(of_tokens),
                          [this](const at::Tensor& piece) {
                            const mixed_precision mixed(settings_.mixed, device_);
                            return network_.output(piece).to(at::kFloat);
                          });
    });
  }

  result<double> update(double rate) override {
    return guarded([&]() -> result<double> { return weights_.step(rate); });
  }

  result<double> judge(std::span<const writing_example> batch) override {
    return guarded([&]() -> result<double> {
      const c10::NoGradGuard no_gradients;
      const auto [states, goals] = network_.states(batch, 0);
      return judge_tokens(states, goals, vocabulary(),
                          [this](const at::Tensor& piece) { return network_.output(piece); });
    });
  }

  result<std::shared_ptr<const model>> as_model() const override {
    return guarded([&]() -> result<std::shared_ptr<const model>> {
      const c10::NoGradGuard no_gradients;
      CHALK_TRY(const auto root, parse_json(start_.configuration));
      CHALK_TRY(auto archive, copied(written()));
      CHALK_TRY(const auto described, families::describe_lstm_seq2seq(settings("config.json", root), *archive));
      CHALK_TRY(auto made, make_lstm_decoder(described, std::move(archive), kernels::best(), cache_bytes, {}));
      CHALK_TRY(auto model, writing_model::make({nullptr, std::move(made.compute), start_.generation.rules}));
      return std::shared_ptr<const chalkstream::model>(std::move(model));
    });
  }

  result<void> write_model(const std::filesystem::path& directory,
                           std::span<const model_file> tokenizer) const override {
    return guarded([&]() -> result<void> {
      const c10::NoGradGuard no_gradients;
      CHALK_CHECK(write_model_files(directory, start_.configuration, tokenizer, start_.generation.text));
      return write_tensors(directory / "model.safetensors", written());
    });
  }

  result<void> write_checkpoint(const std::filesystem::path& file, std::span<const double> numbers,
                                const std::string& text) const override {
    return guarded([&] { return weights_.write_checkpoint(file, numbers, text); });
  }

  result<restored> read_checkpoint(const std::filesystem::path& file) override {
    return guarded([&] { return weights_.read_checkpoint(file); });
  }

private:
  std::size_t vocabulary() const noexcept { return network_.description().vocabulary; }

  std::vector<named_tensor> written() const {
    std::vector<named_tensor> all;
    for (const auto& tensor : weights_.tensors())
      all.emplace_back(tensor.names.front(), *tensor.value);
    return all;
  }

  starting_lstm start_;
  lstm_settings settings_;
  device device_;
  lstm_network network_;
  learning_weights weights_;
};

} // namespace

result<std::unique_ptr<trainable_writer>> make_trainable_lstm(starting_lstm start, const lstm_settings& settings) {
  return guarded([&]() -> result<std::unique_ptr<trainable_writer>> {
    CHALK_TRY(const auto where, learning_device(settings.device, settings.threads));
    const auto there = torch_device(where);
    placed_tensors tensors(*start.weights, there);
    CHALK_TRY(auto network, lstm_network::load(start.model, tensors, there, *start.generation.rules.start));
    return std::unique_ptr<trainable_writer>(
        std::make_unique<trainable_lstm>(std::move(start), settings, where, std::move(network), tensors.tensors()));
  });
}

} // namespace chalkstream::models::training
