#define CHALK_VECTOR_BYTES 32
#define CHALK_ROW_TILE 6
#include "models/kernels/implementation.hpp"

namespace chalkstream::models::kernels {

extern const kernel_table avx2_table;
const kernel_table avx2_table = make_table("avx2");

} // namespace chalkstream::models::kernels
