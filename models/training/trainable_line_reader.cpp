#include "models/training/trainable_line_reader.hpp"

#include "models/reading/line_layers.hpp"
#include "models/training/guarded.hpp"
#include "models/training/learning_device.hpp"
#include "models/training/model_writer.hpp"
#include "models/training/starting_net.hpp"
#include "models/training/training_tensors.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

namespace chalkstream::models::training {

namespace {

using reading::line_height;

/// For ReLU, mean 0 and deviation √(2 / inputs) (He et al. 2015); the LSTM's that of PyTorch's uniform ones, 1 / √(3
/// states); the classifier's a tenth.
double first_deviation(const nets::net_tensor& tensor, std::size_t states) {
  if (tensor.name.starts_with("lstm."))
    return 1 / std::sqrt(3 * static_cast<double>(states));
  const auto& shape = tensor.shape;
  const auto inputs = std::accumulate(shape.begin() + 1, shape.end(), std::size_t{1}, std::multiplies<>());
  return (tensor.name == "classifier.weight" ? 0.1 : 1) * std::sqrt(2 / static_cast<double>(inputs));
}

result<void> check_line(const written_line& line, std::size_t classes) {
  const auto& image = *line.image;
  if (image.channels != 1 || image.height != line_height || image.width < reading::columns_a_step
      || image.width > reading::widest_line || image.values.size() != image.width * image.height)
    return {errc::invalid_argument, "a picture of " + std::to_string(image.height) + " by "
                                        + std::to_string(image.width) + " with " + std::to_string(image.channels)
                                        + " channels; lines are grey and " + std::to_string(line_height) + " high"};
  for (const auto character : line.characters)
    if (character < 1 || static_cast<std::size_t>(character) >= classes)
      return {errc::invalid_argument,
              "character " + std::to_string(character) + " is none of the net's " + std::to_string(classes - 1)};
  return {};
}

/// Summed over the lines, in the batch's order.
at::Tensor loss_of(const at::Tensor& logs, const reading::line_batch& batch, std::span<const written_line> lines) {
  std::vector<std::int64_t> goals, lengths;
  for (const auto place : batch.order) {
    const auto& characters = lines[place].characters;
    goals.insert(goals.end(), characters.begin(), characters.end());
    lengths.push_back(static_cast<std::int64_t>(characters.size()));
  }
  constexpr std::int64_t none = 0;
  return at::ctc_loss(logs.permute({1, 0, 2}), at::tensor(goals, at::kLong).to(logs.device()), batch.steps, lengths,
                      none, at::Reduction::Sum, true);
}

} // namespace

bool has_room(std::size_t columns, std::span<const std::int64_t> characters) noexcept {
  auto needed = characters.size();
  for (std::size_t i = 1; i < characters.size(); ++i)
    needed += characters[i] == characters[i - 1] ? 1 : 0;
  return reading::steps_of_line(columns) >= std::max<std::size_t>(needed, 1);
}

struct trainable_line_reader::parts {
  parts(const trainable_line_reader_settings& s, const tensor_archive& start, const device& there)
      : settings(s), where(there), layers(s.net, start, there),
        weights(layers.layers().weights(), s.optimiser, layers.layers().statistics()) {}

  result<reading::line_batch> batch(std::span<const written_line> lines) const {
    std::vector<const picture*> images;
    for (const auto& line : lines) {
      CHALK_CHECK(check_line(line, settings.net.classes()));
      images.push_back(line.image);
    }
    return reading::batch_of(images, where);
  }

  trainable_line_reader_settings settings;
  device where;
  reading::line_layers layers;
  learning_weights weights;
};

trainable_line_reader::trainable_line_reader(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
trainable_line_reader::~trainable_line_reader() = default;

result<std::unique_ptr<trainable_line_reader>>
trainable_line_reader::make(const trainable_line_reader_settings& settings) {
  CHALK_CHECK(reading::check_line_reader(settings.net));
  return guarded([&]() -> result<std::unique_ptr<trainable_line_reader>> {
    CHALK_TRY(const auto where, learning_device(settings.device, settings.threads));
    const auto states = settings.net.state_size;
    CHALK_TRY(const auto start,
              start_tensors(reading::tensors_of(settings.net), settings.seed,
                            [states](const nets::net_tensor& tensor) { return first_deviation(tensor, states); }));
    return std::unique_ptr<trainable_line_reader>(
        new trainable_line_reader(std::make_unique<parts>(settings, *start, where)));
  });
}

result<double> trainable_line_reader::learn(std::span<const written_line> batch, std::size_t of) {
  return guarded([&]() -> result<double> {
    for (const auto& line : batch)
      if (!has_room(line.image->width, line.characters))
        return error{errc::invalid_argument, "a line of " + std::to_string(line.image->width)
                                                 + " columns has no room for "
                                                 + std::to_string(line.characters.size()) + " characters"};
    CHALK_TRY(const auto lines, parts_->batch(batch));
    at::Tensor loss;
    {
      const mixed_precision mixed(parts_->settings.mixed, parts_->where);
      const auto logs = parts_->layers.logs(lines, nets::norms::learning);
      loss = loss_of(logs, lines, batch) / static_cast<double>(of);
    }
    loss.backward();
    return loss.item<double>();
  });
}

result<double> trainable_line_reader::update(double rate) {
  return guarded([&]() -> result<double> { return parts_->weights.step(rate); });
}

result<judged_lines> trainable_line_reader::judge(std::span<const written_line> batch) {
  return guarded([&]() -> result<judged_lines> {
    const c10::NoGradGuard no_gradients;
    judged_lines judged;
    for (const auto& line : batch) {
      CHALK_TRY(const auto one, parts_->batch({&line, 1}));
      const auto logs = parts_->layers.logs(one, nets::norms::remembered);
      judged.loss += loss_of(logs, one, {&line, 1}).item<double>();
      const auto host = logs.to(at::kCPU).contiguous();
      judged.texts.push_back(reading::greedy_text(
          {host.const_data_ptr<float>(), static_cast<std::size_t>(host.numel())}, parts_->settings.net.characters));
    }
    return judged;
  });
}

result<void> trainable_line_reader::write_model(const std::filesystem::path& directory) const {
  return guarded([&]() -> result<void> {
    const c10::NoGradGuard no_gradients;
    CHALK_CHECK(write_model_files(directory, reading::configuration_of(parts_->settings.net), {}));
    std::vector<named_tensor> all;
    const auto& layers = parts_->layers.layers();
    for (const auto* group : {&layers.weights(), &layers.statistics()})
      for (const auto& tensor : *group)
        all.emplace_back(tensor.names.front(), *tensor.value);
    return write_tensors(directory / "model.safetensors", all);
  });
}

result<void> trainable_line_reader::write_checkpoint(const std::filesystem::path& file,
                                                     std::span<const double> numbers, const std::string& text) const {
  return guarded([&] { return parts_->weights.write_checkpoint(file, numbers, text); });
}

result<restored_checkpoint> trainable_line_reader::read_checkpoint(const std::filesystem::path& file) {
  return guarded([&] { return parts_->weights.read_checkpoint(file); });
}

} // namespace chalkstream::models::training
