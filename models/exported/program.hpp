// A program that someone exported, ready to run. It is code: whoever makes one has been allowed to.
#pragma once

#include "core/error.hpp"
#include "models/exported/exported_program.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::models {

/// Values [rows, tokens] for one input; the program gets them in the input's own type. Borrowed for the call.
struct program_argument {
  const input_tensor* input = nullptr;
  std::span<const std::int64_t> values;
};

/// A tensor that came out, as float32 in row-major order. Borrowed from `owner`.
struct program_result {
  std::vector<std::size_t> shape;
  std::span<const float> values;
  std::shared_ptr<const void> owner;
};

/// Immutable after construction; run may be called from many threads at once.
class program {
public:
  virtual ~program() = default;

  /// The tensors at the description's places, one each. Arguments come in the order of the description's inputs.
  /// Throws std::bad_alloc, or whatever LibTorch and the program throw.
  virtual result<std::vector<program_result>> run(std::span<const program_argument> arguments, std::size_t rows,
                                                  std::size_t tokens) const = 0;

  /// Rows and tokens that it takes at least.
  virtual std::size_t least() const noexcept = 0;
};

/// TorchScript (torch.jit.save) on a CPU. Inputs are passed by name: one that the program does not have, or one that
/// it needs and does not get, is an error that names those it has. Throws whatever LibTorch throws.
result<std::unique_ptr<const program>> load_torchscript(const std::filesystem::path& file,
                                                        const exported_program& described);

/// Native code that AOTInductor compiled (torch._inductor.aoti_compile_and_package), for a CPU; `model` is its name
/// in the package. Inputs go in by their order, and by their names where the package has them. Errors, before any of
/// that code runs, if the package was made for another system, processor or device, or for another number of inputs
/// or outputs; `unavailable` if its code does not fit this LibTorch. Throws whatever LibTorch throws. The package
/// does not say everything: it was compiled for the very processor that exported it, and on an older one it may end
/// the process.
result<std::unique_ptr<const program>> load_compiled(const std::filesystem::path& file, const std::string& model,
                                                     const exported_program& described);

/// What load_compiled looks at before it loads anything. Throws whatever LibTorch throws.
result<void> check_compiled(const std::filesystem::path& file, const std::string& model);

} // namespace chalkstream::models
