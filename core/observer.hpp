// What models/ and kafka/ report about themselves without knowing who counts it (monitoring binds it to Prometheus).
// Every call is cheap, does not throw, and may come from any thread.
#pragma once

#include "core/clock.hpp"

#include <string_view>

namespace chalkstream {

class observer {
public:
  virtual ~observer() = default;

  /// A model finished loading and warming up on a device ("cpu", "cuda:0"), or failed to.
  virtual void model_loaded(std::string_view model, std::string_view device, bool succeeded, duration took) = 0;

  /// How far a long start-up step is, from 0 to 1, for a progress bar.
  virtual void progress(std::string_view step, double fraction) = 0;

  /// Ignores everything. Lives as long as the process.
  static observer& none();
};

} // namespace chalkstream
