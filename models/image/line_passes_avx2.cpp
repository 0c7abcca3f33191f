#include "models/image/line_passes_of_set.hpp"

namespace chalkstream::image {

extern const line_passes avx2_passes;
const line_passes avx2_passes{along, across};

} // namespace chalkstream::image
