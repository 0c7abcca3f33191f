#include "models/training/learning_weights.hpp"

#include "models/training/training_tensors.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

namespace chalkstream::models::training {

namespace {

std::vector<named_tensor> memory_of(const std::vector<layer_tensor>& tensors,
                                    const std::vector<layer_tensor>& statistics, const optimiser& what) {
  std::vector<named_tensor> all;
  const auto memory = what.memory();
  const auto parts = what.memory_names();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto& name = tensors[i].names.front();
    all.emplace_back("value/" + name, *tensors[i].value);
    for (std::size_t part = 0; part < parts.size(); ++part)
      all.emplace_back(std::string(parts[part]) + "/" + name, memory[i * parts.size() + part]);
  }
  for (const auto& tensor : statistics)
    all.emplace_back("value/" + tensor.names.front(), *tensor.value);
  return all;
}

std::unique_ptr<optimiser> make_optimiser(std::vector<at::Tensor> values, const optimiser_settings& settings) {
  if (const auto* momentum = std::get_if<sgd_settings>(&settings))
    return std::make_unique<sgd>(std::move(values), *momentum);
  return std::make_unique<adamw>(std::move(values), std::get<adamw_settings>(settings));
}

} // namespace

learning_weights::learning_weights(std::vector<layer_tensor> tensors, const optimiser_settings& settings,
                                   std::vector<layer_tensor> statistics)
    : tensors_(std::move(tensors)), statistics_(std::move(statistics)) {
  std::vector<at::Tensor> values;
  values.reserve(tensors_.size());
  for (const auto& tensor : tensors_) {
    tensor.value->requires_grad_(true);
    values.push_back(*tensor.value);
  }
  optimiser_ = make_optimiser(std::move(values), settings);
}

result<void> learning_weights::write_checkpoint(const std::filesystem::path& file, std::span<const double> numbers,
                                                const std::string& text) const {
  const c10::NoGradGuard no_gradients;
  auto all = memory_of(tensors_, statistics_, *optimiser_);
  all.emplace_back("numbers", tensor_of(numbers));
  all.emplace_back("text", tensor_of(text));
  return write_tensors(file, all);
}

result<restored_checkpoint> learning_weights::read_checkpoint(const std::filesystem::path& file) {
  const c10::NoGradGuard no_gradients;
  CHALK_TRY(const auto archive, tensor_archive::open_file(file));
  for (const auto& tensor : memory_of(tensors_, statistics_, *optimiser_))
    CHALK_CHECK(read_into(file, archive, tensor));
  restored_checkpoint found;
  CHALK_TRY(found.numbers, read_numbers(file, archive, "numbers"));
  CHALK_TRY(found.text, read_text(file, archive, "text"));
  return found;
}

} // namespace chalkstream::models::training
