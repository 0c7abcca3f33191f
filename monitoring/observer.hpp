// Binds core's observer port to the registry, and start-up progress to whoever draws it.
#pragma once

#include "core/observer.hpp"
#include "monitoring/registry.hpp"

#include <functional>
#include <string_view>

namespace chalkstream::monitoring {

class observer final : public chalkstream::observer {
public:
  /// `progress` is called from any thread and must not throw; none is fine. The registry outlives the observer.
  explicit observer(registry& counts, std::function<void(std::string_view step, double fraction)> progress = {})
      : counts_(counts), progress_(std::move(progress)) {}

  void model_loaded(std::string_view model, std::string_view device, bool succeeded, duration took) override;
  void progress(std::string_view step, double fraction) override;

private:
  registry& counts_;
  std::function<void(std::string_view, double)> progress_;
};

} // namespace chalkstream::monitoring
