#include "models/device.hpp"

#include <ATen/ATen.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <charconv>
#include <dlfcn.h>
#include <filesystem>
#include <malloc.h>
#include <mutex>

namespace chalkstream::models {
namespace {

// The folder libtorch_cpu was loaded from, where its CUDA half lies too.
std::filesystem::path torch_folder() {
  Dl_info where{};
  if (::dladdr(reinterpret_cast<const void*>(&at::globalContext), &where) == 0 || where.dli_fname == nullptr)
    return {};
  return std::filesystem::path(where.dli_fname).parent_path();
}

result<void> load_cuda() {
  if (void* driver = ::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL); driver == nullptr)
    return {errc::unavailable, "no NVIDIA driver: libcuda.so.1 could not be loaded"};
  // LibTorch registers its CUDA backend while the library loads; it is never unloaded.
  const auto library = torch_folder() / "libtorch_cuda.so";
  if (::dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    const char* why = ::dlerror();
    return {errc::unavailable, "LibTorch's CUDA library could not be loaded: " + std::string(why ? why : library)};
  }
  return {};
}

} // namespace

result<device> parse_device(std::string_view text) {
  if (text == "cpu")
    return device{};
  if (text == "cuda")
    return device{device_kind::cuda, 0};
  constexpr std::string_view prefix = "cuda:";
  std::uint32_t index = 0;
  const auto digits = text.starts_with(prefix) ? text.substr(prefix.size()) : std::string_view();
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (!digits.empty() && code == std::errc() && end == digits.data() + digits.size() && index < 128)
    return device{device_kind::cuda, index};
  return {errc::invalid_configuration,
          "unknown device '" + std::string(text) + "': it may be 'cpu', 'cuda' or 'cuda:<number>'"};
}

std::string to_string(const device& where) {
  return where.kind == device_kind::cpu ? "cpu" : "cuda:" + std::to_string(where.index);
}

result<void> prepare_device(const device& where) {
  if (where.kind == device_kind::cpu)
    return {};
  static std::mutex loading;
  const std::lock_guard lock(loading);
  try {
    // Before anything is asked of LibTorch about GPUs: it looks for its CUDA half once and remembers that there is
    // none.
    static const auto loaded = load_cuda();
    CHALK_CHECK(loaded);
    const auto count = at::detail::getCUDAHooks().deviceCount();
    if (static_cast<std::int64_t>(where.index) >= static_cast<std::int64_t>(count))
      return {errc::unavailable,
              "there is no GPU " + std::to_string(where.index) + ": this machine shows " + std::to_string(count)};
    // float32 is what it says: convolutions would be rounded to 10 bits otherwise.
    at::globalContext().setAllowTF32CuDNN(false);
  } catch (const std::exception& e) {
    return {errc::unavailable, std::string("CUDA could not be started: ") + e.what()};
  }
  return {};
}

bool ran_out_of_memory(const std::exception& thrown) noexcept {
  return dynamic_cast<const c10::OutOfMemoryError*>(&thrown) != nullptr;
}

void release_unused_memory(const device& where) noexcept {
  if (where.kind == device_kind::cpu) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
    return;
  }
  try {
    if (auto* kept = c10::getDeviceAllocator(c10::kCUDA); kept->initialized())
      kept->emptyCache();
  } catch (const std::exception&) { // it stays with the process, which may use it again
  }
}

} // namespace chalkstream::models
