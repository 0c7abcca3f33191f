#include "models/training/guarded.hpp"

#include <ATen/ATen.h>

#include <new>
#include <string>

namespace chalkstream::models::training {

error thrown() noexcept {
  error full{errc::out_of_memory, "does not fit into memory"};
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return full;
  } catch (const c10::OutOfMemoryError&) {
    return full;
  } catch (const std::exception& e) {
    const std::string why = e.what();
    if (why.find("DefaultCPUAllocator") != std::string::npos)
      return full;
    return error{errc::internal, "LibTorch: " + why};
  }
}

} // namespace chalkstream::models::training
