// Where LibTorch's exceptions end.
#pragma once

#include "core/error.hpp"

namespace chalkstream::models::training {

/// Of the exception that is being handled. LibTorch throws for everything, and for a CPU's lack of memory nothing
/// special.
error thrown() noexcept;

template <class Work>
auto guarded(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (...) {
    return thrown();
  }
}

} // namespace chalkstream::models::training
