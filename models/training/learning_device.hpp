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

/// While it lives, matrices on the device are multiplied in bfloat16, if it is on.
class mixed_precision {
public:
  mixed_precision(bool on, const device& where);
  ~mixed_precision();
  mixed_precision(const mixed_precision&) = delete;
  mixed_precision& operator=(const mixed_precision&) = delete;

private:
  bool on_;
  device_kind kind_;
};

} // namespace chalkstream::models::training
