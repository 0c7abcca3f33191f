#include "models/printed/single_thread.hpp"

#include <dlfcn.h>

namespace chalkstream::printed {

namespace {

// Of the OpenMP library that Tesseract brought with it, if it did; OMP_THREAD_LIMIT would have to be in the
// environment before the process begins.
template <class Function>
Function* openmp(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_DEFAULT, name));
}

int active_levels() {
  static auto* const levels = openmp<int()>("omp_get_max_active_levels");
  return levels != nullptr ? levels() : 0;
}

void allow_active_levels(int levels) {
  static auto* const allow = openmp<void(int)>("omp_set_max_active_levels");
  if (allow != nullptr)
    allow(levels);
}

} // namespace

// No level of parallel regions may be active on this thread, whatever number of threads they ask for.
single_thread::single_thread() : levels_(active_levels()) {
  allow_active_levels(0);
}

single_thread::~single_thread() {
  allow_active_levels(levels_);
}

} // namespace chalkstream::printed
