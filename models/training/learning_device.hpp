// What a device is set to while a model learns on it.
#pragma once

#include "core/error.hpp"
#include "models/device.hpp"

#include <cstddef>
#include <string>

namespace chalkstream::models::training {

/// "cpu", "cuda" or "cuda:1", made usable. `threads` are LibTorch's on a CPU, in all of this process; 0: one a core.
/// Throws what LibTorch throws.
result<device> learning_device(const std::string& name, std::size_t threads);

/// While it lives, matrices on the GPU are multiplied in bfloat16, if it is on.
class mixed_precision {
public:
  explicit mixed_precision(bool on);
  ~mixed_precision();
  mixed_precision(const mixed_precision&) = delete;
  mixed_precision& operator=(const mixed_precision&) = delete;

private:
  bool on_;
};

} // namespace chalkstream::models::training
