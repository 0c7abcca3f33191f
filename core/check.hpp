// A broken promise stops the process rather than the promise: invariants that protect "nothing lost, nothing twice"
// are checked in release builds too.
#pragma once

namespace chalkstream {

[[noreturn]] void broken_promise(const char* condition, const char* what, const char* file, int line) noexcept;

} // namespace chalkstream

#define CHALK_PROMISE(condition, what)                                                                               \
  do {                                                                                                               \
    if (!(condition)) [[unlikely]]                                                                                   \
      ::chalkstream::broken_promise(#condition, what, __FILE__, __LINE__);                                           \
  } while (false)
