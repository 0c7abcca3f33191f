#define CHALK_VECTOR_BYTES 16
#define CHALK_ROW_TILE 6
#include "models/kernels/implementation.hpp"

namespace chalkstream::models::kernels {

extern const kernel_table baseline_table;
const kernel_table baseline_table = make_table("baseline");

} // namespace chalkstream::models::kernels
