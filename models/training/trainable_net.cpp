#include "models/training/trainable_net.hpp"

#include "models/training/guarded.hpp"
#include "models/training/learning_device.hpp"
#include "models/training/model_writer.hpp"
#include "models/training/starting_net.hpp"
#include "models/training/training_tensors.hpp"
#include "models/vision/nets/net_layers.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <utility>

namespace chalkstream::models::training {

namespace {

std::vector<nets::channel_values> values_of(std::span<const channel_scale> scales) {
  std::vector<nets::channel_values> all(scales.size());
  for (std::size_t c = 0; c < scales.size(); ++c)
    for (std::size_t byte = 0; byte < 256; ++byte)
      all[c][byte] = static_cast<float>((static_cast<double>(byte) / 255 - scales[c].mean) / scales[c].deviation);
  return all;
}

result<void> check_settings(const trainable_net_settings& settings) {
  CHALK_CHECK(nets::check_net(settings.net));
  if (settings.scales.size() != settings.net.channels)
    return {errc::invalid_argument,
            "each of the net's " + std::to_string(settings.net.channels) + " channels needs a mean and a deviation"};
  for (const auto& scale : settings.scales)
    if (!(scale.deviation > 0))
      return {errc::invalid_argument, "a channel's deviation must be above 0"};
  if (!settings.label_weights.empty() && settings.label_weights.size() != settings.net.labels.size())
    return {errc::invalid_argument, "there must be a weight for each label, or none"};
  return {};
}

} // namespace

struct trainable_net::parts {
  parts(const trainable_net_settings& s, const tensor_archive& start, const device& there)
      : settings(s), where(there), values(values_of(s.scales)), layers(s.net, start, there),
        weights(layers.weights(), s.optimiser, layers.statistics()) {
    if (!s.label_weights.empty())
      label_weights = tensor_of(s.label_weights).to(at::kFloat).to(torch_device(where));
  }

  result<at::Tensor> pixels(std::span<const labelled_picture> batch) const {
    std::vector<const picture*> images;
    for (const auto& row : batch) {
      CHALK_CHECK(nets::check_picture(*row.image, settings.net));
      if (row.label >= settings.net.labels.size())
        return error{errc::invalid_argument, "label " + std::to_string(row.label) + " is none of the net's "
                                                 + std::to_string(settings.net.labels.size())};
      images.push_back(row.image);
    }
    return nets::pixels_of(images, settings.net, values, where);
  }

  /// Summed over the batch.
  at::Tensor loss(const at::Tensor& logits, std::span<const labelled_picture> batch) const {
    auto goals = at::empty({static_cast<std::int64_t>(batch.size())}, at::kLong);
    auto* goal = goals.mutable_data_ptr<std::int64_t>();
    for (const auto& row : batch)
      *goal++ = static_cast<std::int64_t>(row.label);
    return at::cross_entropy_loss(logits.to(at::kFloat), goals.to(logits.device()), label_weights, at::Reduction::Sum,
                                  -100, settings.smoothing);
  }

  trainable_net_settings settings;
  device where;
  std::vector<nets::channel_values> values;
  nets::net_layers layers;
  learning_weights weights;
  std::optional<at::Tensor> label_weights;
};

trainable_net::trainable_net(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
trainable_net::~trainable_net() = default;

result<std::unique_ptr<trainable_net>> trainable_net::make(const trainable_net_settings& settings) {
  CHALK_CHECK(check_settings(settings));
  return guarded([&]() -> result<std::unique_ptr<trainable_net>> {
    CHALK_TRY(const auto where, learning_device(settings.device, settings.threads));
    CHALK_TRY(const auto start, start_net(settings.net, settings.seed));
    return std::unique_ptr<trainable_net>(new trainable_net(std::make_unique<parts>(settings, *start, where)));
  });
}

result<double> trainable_net::learn(std::span<const labelled_picture> batch, std::size_t of) {
  return guarded([&]() -> result<double> {
    CHALK_TRY(const auto pixels, parts_->pixels(batch));
    at::Tensor loss;
    {
      const mixed_precision mixed(parts_->settings.mixed, parts_->where);
      const auto logits = parts_->layers.learning_logits(pixels);
      loss = parts_->loss(logits, batch) / static_cast<double>(of);
    }
    loss.backward();
    return loss.item<double>();
  });
}

result<double> trainable_net::update(double rate) {
  return guarded([&]() -> result<double> { return parts_->weights.step(rate); });
}

result<judged_rows> trainable_net::judge(std::span<const labelled_picture> batch) {
  return guarded([&]() -> result<judged_rows> {
    const c10::NoGradGuard no_gradients;
    CHALK_TRY(const auto pixels, parts_->pixels(batch));
    const auto logits = parts_->layers.logits(pixels);
    judged_rows judged;
    judged.loss = parts_->loss(logits, batch).item<double>();
    const auto host = logits.to(at::kCPU, at::kFloat).contiguous();
    judged.rows.width = parts_->settings.net.labels.size();
    judged.rows.values.assign(host.const_data_ptr<float>(), host.const_data_ptr<float>() + host.numel());
    return judged;
  });
}

result<void> trainable_net::write_model(const std::filesystem::path& directory) const {
  return guarded([&]() -> result<void> {
    const c10::NoGradGuard no_gradients;
    const model_file preprocessor{"preprocessor_config.json",
                                  preprocessor_configuration(parts_->settings.net, parts_->settings.scales)};
    CHALK_CHECK(write_model_files(directory, nets::configuration_of(parts_->settings.net), {&preprocessor, 1}));
    std::vector<named_tensor> all;
    for (const auto* group : {&parts_->layers.weights(), &parts_->layers.statistics()})
      for (const auto& tensor : *group)
        all.emplace_back(tensor.names.front(), *tensor.value);
    return write_tensors(directory / "model.safetensors", all);
  });
}

result<void> trainable_net::write_checkpoint(const std::filesystem::path& file, std::span<const double> numbers,
                                             const std::string& text) const {
  return guarded([&] { return parts_->weights.write_checkpoint(file, numbers, text); });
}

result<restored_checkpoint> trainable_net::read_checkpoint(const std::filesystem::path& file) {
  return guarded([&] { return parts_->weights.read_checkpoint(file); });
}

} // namespace chalkstream::models::training
