// LibTorch's tensors to files and back.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/encoders/torch_layers.hpp"
#include "models/safetensors.hpp"

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::models::training {

/// Shares storage with the tensor it was made of.
struct named_tensor {
  named_tensor(std::string name, const at::Tensor& value);

  std::string name;
  std::shared_ptr<const at::Tensor> value;
};

/// As they are, but on the CPU. float32, float64 and bytes.
result<void> write_tensors(const std::filesystem::path& file, std::span<const named_tensor> tensors);

/// Copies of them on the CPU, which must be float32. `corrupt` if a name comes twice.
result<std::shared_ptr<const tensor_archive>> copied(std::span<const named_tensor> tensors);

at::Tensor tensor_of(std::span<const double> numbers);
at::Tensor tensor_of(const std::string& text);

/// Overwrites the tensor's elements with the archive's of that name; `corrupt` if it has none of that shape.
result<void> read_into(const std::filesystem::path& file, const tensor_archive& archive, const named_tensor& into);

result<std::vector<double>> read_numbers(const std::filesystem::path& file, const tensor_archive& archive,
                                         std::string_view name);
result<std::string> read_text(const std::filesystem::path& file, const tensor_archive& archive,
                              std::string_view name);

/// [sequences or tokens, outputs] in the packed batch's order, as rows in the order of the batch it was packed from.
output_rows in_callers_order(const at::Tensor& rows, const packed_batch& batch, bool row_per_token);

} // namespace chalkstream::models::training
