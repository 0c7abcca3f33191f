#include "models/training/trainable_encoder.hpp"

#include "models/sequence_limits.hpp"
#include "models/training/learning_head.hpp"
#include "models/training/model_writer.hpp"
#include "models/training/training_tensors.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>

#include <new>
#include <thread>
#include <utility>

namespace chalkstream::models::training {

namespace {

/// While it lives, matrices on the GPU are multiplied in bfloat16.
class mixed_precision {
public:
  explicit mixed_precision(bool on) : on_(on) {
    if (!on_)
      return;
    at::autocast::set_autocast_dtype(at::kCUDA, at::kBFloat16);
    at::autocast::set_autocast_enabled(at::kCUDA, true);
  }
  ~mixed_precision() {
    if (!on_)
      return;
    at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(at::kCUDA, false);
  }
  mixed_precision(const mixed_precision&) = delete;
  mixed_precision& operator=(const mixed_precision&) = delete;

private:
  bool on_;
};

/// LibTorch throws for everything, and for a CPU's lack of memory nothing special; it ends here.
template <class Work>
auto guarded(Work work) -> decltype(work()) {
  const error full{errc::out_of_memory, "does not fit into memory"};
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return full;
  } catch (const c10::OutOfMemoryError&) {
    return full;
  } catch (const std::exception& e) {
    const std::string why = e.what();
    if (why.find("DefaultCPUAllocator") != std::string::npos)
      return full;
    return error{errc::internal, "LibTorch: " + why};
  }
}

} // namespace

struct trainable_encoder::parts {
  parts(const trainable_settings& s, starting_point from, const device& where)
      : settings(s), start(std::move(from)), layers(start.model.encoder, *start.weights, where, false, {}),
        head(*start.model.head, *start.weights, where, settings.learns, settings.label_weights),
        tensors(layers.tensors()) {
    tensors.insert(tensors.end(), head.tensors().begin(), head.tensors().end());
    std::vector<at::Tensor> values;
    for (const auto& tensor : tensors) {
      tensor.value->requires_grad_(true);
      values.push_back(*tensor.value);
    }
    optimiser.emplace(std::move(values), settings.optimiser);
  }

  /// Rows in `packed`'s order, and the batch's loss.
  std::pair<at::Tensor, at::Tensor> forward(const packed_batch& packed, std::span<const training_example> batch,
                                            bool learning) {
    const auto states = layers.states(packed, learning ? start.dropout : dropout_rates{});
    return head.apply(states, packed, batch, settings.scales, learning ? start.head_dropout : 0);
  }

  /// Everything a checkpoint holds, by name.
  std::vector<named_tensor> memory() const {
    std::vector<named_tensor> all;
    const auto means = optimiser->memory();
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const auto& name = tensors[i].names.front();
      all.push_back({"value/" + name, *tensors[i].value});
      all.push_back({"first/" + name, means[3 * i]});
      all.push_back({"second/" + name, means[3 * i + 1]});
      all.push_back({"steps/" + name, means[3 * i + 2]});
    }
    return all;
  }

  trainable_settings settings;
  starting_point start;
  torch_layers layers;
  learning_head head;
  std::vector<layer_tensor> tensors;
  std::optional<adamw> optimiser;
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
    CHALK_TRY(const auto where, parse_device(settings.device));
    CHALK_TRY(auto start, start_from(settings.model));
    CHALK_CHECK(prepare_device(where));
    at::set_num_threads(static_cast<int>(settings.threads > 0 ? settings.threads
                                                              : std::max(1U, std::thread::hardware_concurrency())));
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
      const mixed_precision mixed(parts_->settings.mixed);
      const auto p = packed(batch, parts_->start.model.encoder);
      loss = parts_->forward(p, batch, true).second / static_cast<double>(of);
    }
    loss.backward();
    return loss.item<double>();
  });
}

result<double> trainable_encoder::update(double rate) {
  return guarded([&]() -> result<double> { return parts_->optimiser->step(rate); });
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
    CHALK_CHECK(
        write_model_files(parts_->start.configuration, parts_->settings.model.directory, directory, max_tokens));
    std::vector<named_tensor> all;
    for (const auto& tensor : parts_->tensors) {
      const auto value = parts_->head.for_outputs(tensor, parts_->settings.scales);
      const auto shares = value.chunk(static_cast<std::int64_t>(tensor.names.size()));
      for (std::size_t i = 0; i < shares.size(); ++i)
        all.push_back({tensor.names[i], shares[i]});
    }
    return write_tensors(directory / "model.safetensors", all);
  });
}

result<void> trainable_encoder::write_checkpoint(const std::filesystem::path& file, std::span<const double> numbers,
                                                 const std::string& text) const {
  return guarded([&]() -> result<void> {
    const c10::NoGradGuard no_gradients;
    auto all = parts_->memory();
    all.push_back({"numbers", tensor_of(numbers)});
    all.push_back({"text", tensor_of(text)});
    return write_tensors(file, all);
  });
}

result<trainable_encoder::restored> trainable_encoder::read_checkpoint(const std::filesystem::path& file) {
  return guarded([&]() -> result<restored> {
    const c10::NoGradGuard no_gradients;
    CHALK_TRY(const auto archive, tensor_archive::open_file(file));
    for (const auto& tensor : parts_->memory())
      CHALK_CHECK(read_into(file, archive, tensor));
    restored found;
    CHALK_TRY(found.numbers, read_numbers(file, archive, "numbers"));
    CHALK_TRY(found.text, read_text(file, archive, "text"));
    return found;
  });
}

} // namespace chalkstream::models::training
