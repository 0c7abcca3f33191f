#include "models/training/learning_weights.hpp"

#include "models/training/training_tensors.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

namespace chalkstream::models::training {

namespace {

std::vector<named_tensor> memory_of(const std::vector<layer_tensor>& tensors, const adamw& optimiser) {
  std::vector<named_tensor> all;
  const auto means = optimiser.memory();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto& name = tensors[i].names.front();
    all.push_back({"value/" + name, *tensors[i].value});
    all.push_back({"first/" + name, means[3 * i]});
    all.push_back({"second/" + name, means[3 * i + 1]});
    all.push_back({"steps/" + name, means[3 * i + 2]});
  }
  return all;
}

} // namespace

learning_weights::learning_weights(std::vector<layer_tensor> tensors, const adamw_settings& settings)
    : tensors_(std::move(tensors)) {
  std::vector<at::Tensor> values;
  for (const auto& tensor : tensors_) {
    tensor.value->requires_grad_(true);
    values.push_back(*tensor.value);
  }
  optimiser_.emplace(std::move(values), settings);
}

result<void> learning_weights::write_checkpoint(const std::filesystem::path& file, std::span<const double> numbers,
                                                const std::string& text) const {
  const c10::NoGradGuard no_gradients;
  auto all = memory_of(tensors_, *optimiser_);
  all.push_back({"numbers", tensor_of(numbers)});
  all.push_back({"text", tensor_of(text)});
  return write_tensors(file, all);
}

result<restored_checkpoint> learning_weights::read_checkpoint(const std::filesystem::path& file) {
  const c10::NoGradGuard no_gradients;
  CHALK_TRY(const auto archive, tensor_archive::open_file(file));
  for (const auto& tensor : memory_of(tensors_, *optimiser_))
    CHALK_CHECK(read_into(file, archive, tensor));
  restored_checkpoint found;
  CHALK_TRY(found.numbers, read_numbers(file, archive, "numbers"));
  CHALK_TRY(found.text, read_text(file, archive, "text"));
  return found;
}

} // namespace chalkstream::models::training
