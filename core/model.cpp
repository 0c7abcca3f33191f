#include "core/model.hpp"

namespace chalkstream {

result<std::unique_ptr<writing>> model::begin(const sequence&) const {
  return error{errc::unsupported, "this model does not write texts"};
}

result<void> model::step(std::span<writing* const>) const {
  return {errc::unsupported, "this model does not write texts"};
}

} // namespace chalkstream
