#include "models/image/line_passes_of_set.hpp"

namespace chalkstream::image {

#if defined(__x86_64__)
extern const line_passes avx2_passes;
#endif

const line_passes& best_passes() {
  static const line_passes baseline{along, across};
#if defined(__x86_64__)
  static const bool has_avx2 = (__builtin_cpu_init(), __builtin_cpu_supports("avx2") != 0);
  if (has_avx2)
    return avx2_passes;
#endif
  return baseline;
}

} // namespace chalkstream::image
