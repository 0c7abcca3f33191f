#include "models/computed_rows.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <string>

namespace chalkstream::models {

result<output_rows> computed_rows(const std::function<result<output_rows>()>& compute) {
  // What a batch computes may throw for lack of memory, and LibTorch throws for everything; it ends here.
  try {
    CHALK_TRY(auto rows, compute());
    if (!std::all_of(rows.values.begin(), rows.values.end(), [](float x) { return std::isfinite(x); }))
      return error{errc::corrupt, "the model's output is not finite"};
    return rows;
  } catch (const std::bad_alloc&) {
    return error{errc::out_of_memory, "the batch does not fit into memory"};
  } catch (const c10::OutOfMemoryError&) {
    return error{errc::out_of_memory, "the batch does not fit into the device's memory"};
  } catch (const std::exception& e) {
    return error{errc::internal, std::string("computing failed: ") + e.what()};
  }
}

} // namespace chalkstream::models
