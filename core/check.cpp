#include "core/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace chalkstream {

void broken_promise(const char* condition, const char* what, const char* file, int line) noexcept {
  std::fprintf(stderr, "chalkstream: broken promise: %s (%s) at %s:%d\n", what, condition, file, line);
  std::abort();
}

} // namespace chalkstream
