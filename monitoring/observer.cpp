#include "monitoring/observer.hpp"

namespace chalkstream::monitoring {

void observer::model_loaded(std::string_view model, std::string_view device, bool succeeded, duration took) {
  counts_.loads(model, device)->loaded(succeeded, in_seconds(took));
}

void observer::progress(std::string_view step, double fraction) {
  if (progress_)
    progress_(step, fraction);
}

} // namespace chalkstream::monitoring
