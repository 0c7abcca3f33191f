#include "models/training/trainable_transformer.hpp"

#include "models/document.hpp"
#include "models/encoders/torch_layers.hpp"
#include "models/generation/make_decoder.hpp"
#include "models/generation/writing_model.hpp"
#include "models/training/guarded.hpp"
#include "models/training/learning_device.hpp"
#include "models/training/text_rows.hpp"
#include "models/training/token_loss.hpp"
#include "models/training/training_tensors.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

namespace chalkstream::models::training {

namespace {

constexpr std::size_t cache_bytes = std::size_t{1} << 30; // of a copy that writes

/// Texts of a batch: sources, what decoders see of the targets, and what they should say.
struct writing_batch {
  text_rows sources;
  text_rows lines;
  at::Tensor goals;

  static writing_batch of(std::span<const writing_example> examples, std::int32_t start, const at::Device& where) {
    std::vector<std::vector<std::int64_t>> sources, lines;
    std::vector<std::int64_t> goals;
    for (const auto& example : examples) {
      sources.emplace_back(example.source.begin(), example.source.end());
      auto& line = lines.emplace_back(1, start);
      line.insert(line.end(), example.target.begin(), example.target.end() - 1);
      goals.insert(goals.end(), example.target.begin(), example.target.end());
    }
    return {text_rows(sources, where), text_rows(lines, where), at::tensor(goals, at::kLong).to(where)};
  }
};

class trainable_transformer final : public trainable_writer {
public:
  trainable_transformer(starting_writer start, const transformer_settings& settings, device where,
                        const std::vector<layer_tensor>& tensors, torch_stack encoder, torch_stack decoder)
      : start_(std::move(start)), settings_(settings), device_(where), where_(torch_device(where)),
        encoder_(std::move(encoder)), decoder_(std::move(decoder)), tensors_(tensors),
        weights_(learning(tensors), settings.optimiser) {}

  std::size_t max_source() const noexcept override { return encoder_.description().positions; }
  std::size_t max_target() const noexcept override { return decoder_.description().positions; }

  result<void> check(const writing_example& example) const override {
    CHALK_CHECK(check_tokens(example.source, max_source(), encoder_.description().vocabulary, "source"));
    return check_tokens(example.target, max_target(), vocabulary(), "target");
  }

  result<double> learn(std::span<const writing_example> batch, std::size_t of_tokens, std::uint64_t seed) override {
    return guarded([&]() -> result<double> {
      at::manual_seed(seed);
      learn_as(start_.learning);
      const auto texts = writing_batch::of(batch, *start_.generation.rules.start, where_);
      const auto states = mixed([&] { return run(texts, start_.attention_dropout); });
      return learn_tokens(
          states, texts.goals, vocabulary(), settings_.smoothing, static_cast<double>(of_tokens),
          [&](const at::Tensor& piece) { return mixed([&] { return decoder_.output(piece); }).to(at::kFloat); });
    });
  }

  result<double> update(double rate) override {
    return guarded([&]() -> result<double> { return weights_.step(rate); });
  }

  result<double> judge(std::span<const writing_example> batch) override {
    return guarded([&]() -> result<double> {
      const c10::NoGradGuard no_gradients;
      learn_as({});
      const auto texts = writing_batch::of(batch, *start_.generation.rules.start, where_);
      return judge_tokens(run(texts, 0), texts.goals, vocabulary(),
                          [&](const at::Tensor& piece) { return decoder_.output(piece).to(at::kFloat); });
    });
  }

  result<std::shared_ptr<const model>> as_model() const override {
    return guarded([&]() -> result<std::shared_ptr<const model>> {
      const c10::NoGradGuard no_gradients;
      CHALK_TRY(const auto root, parse_json(start_.configuration));
      CHALK_TRY(auto archive, copied(written()));
      CHALK_TRY(const auto described, start_.family->describe(settings("config.json", root), *archive));
      CHALK_TRY(auto made, device_.kind == device_kind::cpu
                               ? make_cpu_decoder(described, std::move(archive), kernels::best(), cache_bytes, {})
                               : make_torch_decoder(described, std::move(archive), device_, cache_bytes, {}));
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
  std::vector<layer_tensor> learning(const std::vector<layer_tensor>& all) const {
    std::vector<layer_tensor> kept;
    std::copy_if(all.begin(), all.end(), std::back_inserter(kept),
                 [this](const layer_tensor& tensor) { return !start_.fixed.contains(tensor.names.front()); });
    return kept;
  }

  void learn_as(const stack_learning& how) {
    encoder_.learn_as(how);
    decoder_.learn_as(how);
  }

  // Every tensor by the name a file has for it.
  std::vector<named_tensor> written() const {
    std::vector<named_tensor> all;
    for (const auto& tensor : tensors_) {
      const auto shares = tensor.value->chunk(static_cast<std::int64_t>(tensor.names.size()));
      for (std::size_t i = 0; i < shares.size(); ++i)
        all.emplace_back(start_.written_as(tensor.names[i]), shares[i]);
    }
    return all;
  }

  // [1, heads, queries, keys] of a stack's bias, if it has one.
  at::Tensor bias(const torch_stack& stack, std::int64_t length) const {
    const auto place = at::arange(length, at::TensorOptions(at::kLong).device(where_));
    return stack.bias(place.view({1, -1, 1}), place.view({1, 1, -1}));
  }

  static std::optional<at::Tensor> sum(const at::Tensor& a, const at::Tensor& b) {
    if (!a.defined() || !b.defined())
      return a.defined() ? std::optional(a) : b.defined() ? std::optional(b) : std::nullopt;
    return a + b;
  }

  at::Tensor encode(const text_rows& texts, double dropout) const {
    const auto mask = sum(bias(encoder_, texts.longest()), texts.hidden());
    auto x = encoder_.embed(texts.ids(), texts.places());
    for (std::size_t i = 0; i < encoder_.description().layers.size(); ++i) {
      x = encoder_.self_attention(
          i, x, texts.places(),
          [&](const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values, double scale) {
            return texts.end_to_end(
                at::scaled_dot_product_attention(texts.side_by_side(queries), texts.side_by_side(keys),
                                                 texts.side_by_side(values), mask, dropout, false, scale));
          });
      x = encoder_.feed_forward(i, x);
    }
    return encoder_.final_norm(x);
  }

  // [target tokens, width]: what the output goes on from.
  at::Tensor run(const writing_batch& texts, double dropout) const {
    const auto source = encode(texts.sources, dropout);
    const auto& lines = texts.lines;
    // What stands behind a line is never before a token of it, so that looking back is enough.
    const auto own_bias = bias(decoder_, lines.longest());
    std::optional<at::Tensor> own_mask;
    if (own_bias.defined())
      own_mask = own_bias
                 + at::full({lines.longest(), lines.longest()}, -std::numeric_limits<float>::infinity(),
                            own_bias.options().requires_grad(false))
                       .triu_(1);
    const auto hidden = sum(texts.sources.hidden(), {});
    auto x = decoder_.embed(lines.ids(), lines.places());
    for (std::size_t i = 0; i < decoder_.description().layers.size(); ++i) {
      x = decoder_.self_attention(
          i, x, lines.places(),
          [&](const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values, double scale) {
            return lines.end_to_end(
                at::scaled_dot_product_attention(lines.side_by_side(queries), lines.side_by_side(keys),
                                                 lines.side_by_side(values), own_mask, dropout, !own_mask, scale));
          });
      const auto [keys, values] = decoder_.source_keys(i, source);
      x = decoder_.cross_attention(i, x, [&, k = keys, v = values](const at::Tensor& queries, double scale) {
        return lines.end_to_end(
            at::scaled_dot_product_attention(lines.side_by_side(queries), texts.sources.side_by_side(k),
                                             texts.sources.side_by_side(v), hidden, dropout, false, scale));
      });
      x = decoder_.feed_forward(i, x);
    }
    return decoder_.final_norm(x) * static_cast<double>(start_.model.output_scale);
  }

  template <class Work>
  at::Tensor mixed(Work work) const {
    const mixed_precision on(settings_.mixed, device_);
    return work();
  }

  std::size_t vocabulary() const noexcept { return decoder_.description().vocabulary; }

  starting_writer start_;
  transformer_settings settings_;
  device device_;
  at::Device where_;
  torch_stack encoder_, decoder_;
  std::vector<layer_tensor> tensors_; // fixed ones too
  learning_weights weights_;
};

} // namespace

result<std::unique_ptr<trainable_writer>> make_trainable_transformer(starting_writer start,
                                                                     const transformer_settings& settings) {
  return guarded([&]() -> result<std::unique_ptr<trainable_writer>> {
    CHALK_TRY(const auto where, learning_device(settings.device, settings.threads));
    const auto there = torch_device(where);
    placed_tensors tensors(*start.weights, there);
    const auto nothing = [] {};
    CHALK_TRY(auto encoder, torch_stack::load(*start.model.encoder, nullptr, tensors, nothing));
    CHALK_TRY(auto decoder, torch_stack::load(start.model.decoder, &start.model.output, tensors, nothing));
    return std::unique_ptr<trainable_writer>(std::make_unique<trainable_transformer>(
        std::move(start), settings, where, tensors.tensors(), std::move(encoder), std::move(decoder)));
  });
}

} // namespace chalkstream::models::training
