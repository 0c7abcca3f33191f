#include "core/observer.hpp"

namespace chalkstream {

namespace {

class silent_observer final : public observer {
public:
  void model_loaded(std::string_view, std::string_view, bool, duration) override {}
  void progress(std::string_view, double) override {}
};

} // namespace

observer& observer::none() {
  static silent_observer instance;
  return instance;
}

} // namespace chalkstream
