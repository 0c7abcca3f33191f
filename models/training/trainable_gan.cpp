#include "models/training/trainable_gan.hpp"

#include "models/drawing/drawing_layers.hpp"
#include "models/drawing/drawn_latents.hpp"
#include "models/training/guarded.hpp"
#include "models/training/learning_device.hpp"
#include "models/training/model_writer.hpp"
#include "models/training/starting_net.hpp"
#include "models/training/training_tensors.hpp"
#include "models/vision/nets/net_layers.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace chalkstream::models::training {

namespace {

using drawing::discriminator;
using drawing::generator;
using nets::norms;

/// 0.02, as Radford et al. have it; a label weighs as much as one of the numbers that a picture is drawn from.
double first_deviation(const nets::net_tensor& tensor) {
  return tensor.name == "generator.labels.weight" ? 1 : 0.02;
}

std::vector<nets::net_tensor> all_tensors(const drawing::drawing_description& net) {
  auto all = drawing::generator_tensors(net);
  for (auto& tensor : drawing::discriminator_tensors(net))
    all.push_back(std::move(tensor));
  return all;
}

std::vector<layer_tensor> joined(std::vector<layer_tensor> a, const std::vector<layer_tensor>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// They keep their storage and get other names: the running mean's in a checkpoint.
std::vector<layer_tensor> renamed(std::vector<layer_tensor> tensors, const std::string& before) {
  for (auto& tensor : tensors)
    tensor.names = {before + tensor.names.front()};
  return tensors;
}

void learn_only(const nets::named_layers& learns, const nets::named_layers& rests) {
  for (const auto& tensor : learns.weights())
    tensor.value->requires_grad_(true);
  for (const auto& tensor : rests.weights())
    tensor.value->requires_grad_(false);
}

/// By how much a value of two pictures of one label differs, mean over all such pairs; 0 if there are none.
double difference_within(const at::Tensor& pictures, const at::Tensor& labels) {
  const c10::NoGradGuard no_gradients;
  const auto flat = pictures.flatten(1);
  const auto pairs = at::triu(labels.unsqueeze(0).eq(labels.unsqueeze(1)), 1).to(at::kFloat);
  const auto sum = (at::cdist(flat, flat, 1) * pairs).sum() / static_cast<double>(flat.size(1));
  return (sum / pairs.sum().clamp_min(1)).item<double>();
}

/// 1 where pictures drawn of one label are all the same, 0 where they differ as real ones do (after Yang et al.
/// 2019).
at::Tensor sameness(const std::vector<at::Tensor>& halves, double wanted) {
  const auto difference = (halves[0] - halves[1]).abs().mean();
  return wanted > 0 ? at::relu(1 - difference / wanted) : difference * 0;
}

} // namespace

struct trainable_gan::parts {
  parts(const trainable_gan_settings& s, const tensor_archive& start, const device& there)
      : settings(s), where(there), draws(s.net, start, there), judges(s.net, start, there), mean(s.net, start, there),
        steps(std::make_shared<at::Tensor>(at::zeros({}))),
        weights(joined(draws.layers().weights(), judges.layers().weights()), s.optimiser, statistics()) {
    for (std::size_t byte = 0; byte < values.front().size(); ++byte)
      for (auto& channel : values)
        channel[byte] = drawing::value_of_byte(static_cast<std::uint8_t>(byte));
  }

  std::vector<layer_tensor> statistics() const {
    auto all = joined(draws.layers().statistics(), judges.layers().statistics());
    all = joined(std::move(all), renamed(mean.layers().weights(), "mean/"));
    all = joined(std::move(all), renamed(mean.layers().statistics(), "mean/"));
    all.push_back({{"mean/steps"}, steps});
    return all;
  }

  result<at::Tensor> pixels(std::span<const labelled_picture> batch) const {
    const auto form = drawing::pictures_of(settings.net);
    std::vector<const picture*> images;
    for (const auto& row : batch) {
      CHALK_CHECK(nets::check_picture(*row.image, form));
      if (row.label >= settings.net.labels.size())
        return error{errc::invalid_argument, "label " + std::to_string(row.label) + " is none of the net's "
                                                 + std::to_string(settings.net.labels.size())};
      images.push_back(row.image);
    }
    return nets::pixels_of(images, form, std::span(values).first(settings.net.channels), where);
  }

  at::Tensor drawn(const at::Tensor& labels) const {
    const auto latents = at::randn({labels.size(0), static_cast<std::int64_t>(settings.net.latent_size)});
    return draws.pictures(latents.to(labels.device()), labels, norms::learning).to(at::kFloat);
  }

  at::Tensor judged(const at::Tensor& pictures, const at::Tensor& labels) const {
    const auto shown = settings.changes_real_alone ? pictures : changed(pictures, settings.changes);
    return judges.realness(shown, labels, norms::learning).to(at::kFloat);
  }

  double learn_to_judge(const at::Tensor& real, const at::Tensor& labels) {
    learn_only(judges.layers(), draws.layers());
    at::Tensor loss;
    {
      const mixed_precision mixed(settings.mixed, where);
      const auto both = judged(at::cat({real, drawn(labels)}), at::cat({labels, labels}));
      const auto halves = both.chunk(2);
      loss = at::relu(1 - halves[0]).mean() + at::relu(1 + halves[1]).mean();
    }
    loss.backward();
    return loss.item<double>();
  }

  double learn_to_draw(const at::Tensor& real, const at::Tensor& labels) {
    learn_only(draws.layers(), judges.layers());
    const bool compares = settings.variety > 0;
    const auto half = labels.narrow(0, 0, std::max<std::int64_t>(labels.size(0) / 2, 1));
    const auto asked = compares ? at::cat({half, half}) : labels;
    at::Tensor unreal, loss;
    {
      const mixed_precision mixed(settings.mixed, where);
      const auto pictures = drawn(asked);
      unreal = -judged(pictures, asked).mean();
      loss = compares ? unreal + settings.variety * sameness(pictures.chunk(2), difference_within(real, labels))
                      : unreal;
    }
    loss.backward();
    return unreal.item<double>();
  }

  /// Behind each step. Norms' memory is averaged with the weights it belongs to.
  void average() {
    const c10::NoGradGuard no_gradients;
    const auto taken = steps->add_(1).item<double>();
    const auto share = std::min(settings.averaging, taken / (taken + 9));
    const auto move = [share](const std::vector<layer_tensor>& to, const std::vector<layer_tensor>& from) {
      for (std::size_t i = 0; i < to.size(); ++i)
        to[i].value->lerp_(*from[i].value, 1 - share);
    };
    move(mean.layers().weights(), draws.layers().weights());
    move(mean.layers().statistics(), draws.layers().statistics());
  }

  trainable_gan_settings settings;
  device where;
  generator draws;
  discriminator judges;
  generator mean;
  std::shared_ptr<at::Tensor> steps; // averaged
  learning_weights weights;
  std::array<nets::channel_values, 3> values;
};

trainable_gan::trainable_gan(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
trainable_gan::~trainable_gan() = default;

result<std::unique_ptr<trainable_gan>> trainable_gan::make(const trainable_gan_settings& settings) {
  CHALK_CHECK(drawing::check_drawing(settings.net));
  return guarded([&]() -> result<std::unique_ptr<trainable_gan>> {
    CHALK_TRY(const auto where, learning_device(settings.device, settings.threads));
    CHALK_TRY(const auto start, start_tensors(all_tensors(settings.net), settings.seed, first_deviation));
    return std::unique_ptr<trainable_gan>(new trainable_gan(std::make_unique<parts>(settings, *start, where)));
  });
}

result<gan_losses> trainable_gan::step(std::span<const labelled_picture> batch, std::uint64_t seed, double rate) {
  return guarded([&]() -> result<gan_losses> {
    CHALK_TRY(auto real, parts_->pixels(batch));
    std::vector<std::size_t> goals;
    for (const auto& row : batch)
      goals.push_back(row.label);
    const auto labels = drawing::label_tensor(goals, parts_->where);
    at::manual_seed(seed);
    if (parts_->settings.changes_real_alone)
      real = changed(real, parts_->settings.changes);
    gan_losses losses;
    losses.judging = parts_->learn_to_judge(real, labels);
    const auto first = parts_->weights.step(rate);
    losses.drawing = parts_->learn_to_draw(real, labels);
    const auto second = parts_->weights.step(rate);
    if (std::isfinite(first) && std::isfinite(second))
      parts_->average();
    else
      losses.judging = std::numeric_limits<double>::quiet_NaN();
    return losses;
  });
}

result<std::vector<picture>> trainable_gan::draw(std::span<const std::size_t> labels, std::uint64_t seed) const {
  return guarded([&]() -> result<std::vector<picture>> {
    const c10::NoGradGuard no_gradients;
    std::vector<std::uint64_t> seeds;
    for (std::size_t i = 0; i < labels.size(); ++i)
      seeds.push_back(drawing::picture_seed(seed, labels[i], i));
    const auto& net = parts_->settings.net;
    const auto latents = drawing::latents_of(seeds, net.latent_size, 1, parts_->where);
    return drawing::to_pictures(
        parts_->mean.pictures(latents, drawing::label_tensor(labels, parts_->where), norms::remembered));
  });
}

result<void> trainable_gan::write_model(const std::filesystem::path& directory) const {
  return guarded([&]() -> result<void> {
    const c10::NoGradGuard no_gradients;
    CHALK_CHECK(write_model_files(directory, drawing::configuration_of(parts_->settings.net), {}));
    std::vector<named_tensor> all;
    for (const auto* layers : {&parts_->mean.layers(), &parts_->judges.layers()})
      for (const auto* group : {&layers->weights(), &layers->statistics()})
        for (const auto& tensor : *group)
          all.emplace_back(tensor.names.front(), *tensor.value);
    return write_tensors(directory / "model.safetensors", all);
  });
}

result<void> trainable_gan::write_checkpoint(const std::filesystem::path& file, std::span<const double> numbers,
                                             const std::string& text) const {
  return guarded([&] { return parts_->weights.write_checkpoint(file, numbers, text); });
}

result<restored_checkpoint> trainable_gan::read_checkpoint(const std::filesystem::path& file) {
  return guarded([&] { return parts_->weights.read_checkpoint(file); });
}

} // namespace chalkstream::models::training
