// Where a model computes. The program links LibTorch's CPU half alone; its CUDA half is loaded when a GPU is asked
// for.
#pragma once

#include "core/error.hpp"

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace chalkstream::models {

enum class device_kind : std::uint8_t { cpu, cuda };

struct device {
  device_kind kind = device_kind::cpu;
  /// Which GPU; 0 on a CPU.
  std::uint32_t index = 0;

  bool operator==(const device&) const = default;
};

/// "cpu", "cuda" (the first GPU) or "cuda:2".
result<device> parse_device(std::string_view text);
std::string to_string(const device& where);

/// Makes the device usable: nothing for a CPU; for a GPU loads libtorch_cuda beside libtorch_cpu (once a process) and
/// counts devices. To be called before a CPU's models compute in this process: LibTorch looks for its CUDA half once.
/// `unavailable` names what is missing: the driver, the library and why it did not load, or the GPU.
result<void> prepare_device(const device& where);

/// Gives back what LibTorch keeps of memory that nothing uses any more: without it what is unloaded is free to this
/// process alone, and not to others. The device is one that was prepared. Waits for what runs on it.
void release_unused_memory(const device& where) noexcept;

/// Whether LibTorch threw it because a device has no memory left.
bool ran_out_of_memory(const std::exception& thrown) noexcept;

} // namespace chalkstream::models
