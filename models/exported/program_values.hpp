// Between a program's arguments and results and LibTorch's tensors, alike for every kind of program.
#pragma once

#include "models/exported/program.hpp"

namespace at {
class Tensor;
}

namespace chalkstream::models {

/// A tensor [rows, tokens] of its own, of the input's type.
at::Tensor to_tensor(const program_argument& argument, std::size_t rows, std::size_t tokens);

/// As float32 on the CPU. `corrupt` if it is neither floating nor whole numbers; `name` says which one it is.
result<program_result> to_result(const at::Tensor& tensor, const std::string& name);

} // namespace chalkstream::models
