#define CHALK_VECTOR_BYTES 64
#define CHALK_ROW_TILE 14
#include "models/kernels/implementation.hpp"

namespace chalkstream::models::kernels {

extern const kernel_table avx512_table;
const kernel_table avx512_table = make_table("avx512");

} // namespace chalkstream::models::kernels
