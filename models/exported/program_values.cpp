#include "models/exported/program_values.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>

namespace chalkstream::models {

at::Tensor to_tensor(const program_argument& argument, std::size_t rows, std::size_t tokens) {
  const std::array<std::int64_t, 2> shape{static_cast<std::int64_t>(rows), static_cast<std::int64_t>(tokens)};
  auto whole = at::empty(shape, at::kLong);
  std::copy(argument.values.begin(), argument.values.end(), whole.data_ptr<std::int64_t>());
  switch (argument.input->type) {
  case input_type::int64:
    break;
  case input_type::int32:
    return whole.to(at::kInt);
  case input_type::float32:
    return whole.to(at::kFloat);
  case input_type::boolean:
    return whole.to(at::kBool);
  }
  return whole;
}

result<program_result> to_result(const at::Tensor& tensor, const std::string& name) {
  if (!tensor.defined() || tensor.is_complex() || tensor.is_sparse() || tensor.is_quantized()
      || tensor.scalar_type() == at::kBool)
    return {errc::corrupt, "the program's " + name + " is no tensor of real numbers"};
  auto owner = std::make_shared<const at::Tensor>(tensor.to(at::kCPU, at::kFloat).contiguous());
  program_result made;
  for (const auto size : owner->sizes())
    made.shape.push_back(static_cast<std::size_t>(size));
  made.values = {owner->const_data_ptr<float>(), static_cast<std::size_t>(owner->numel())};
  made.owner = std::move(owner);
  return made;
}

} // namespace chalkstream::models
