// What to do about an error of a transactional call; internal to this folder. Pure.
#pragma once

#include <cstdint>

namespace chalkstream::kafka {

/// The flags of an rd_kafka_error_t; `failed` is false where the call succeeded.
struct call_error {
  bool failed = false;
  bool requires_abort = false;
  bool retriable = false;
  bool fatal = false;
};

enum class remedy : std::uint8_t {
  none,         // it worked
  abort,        // this transaction is void, its producer is not
  retry,        // the same call again, with the same arguments
  new_producer, // nothing can be expected of this producer any more
};

/// The order matters: a transaction that must be aborted fails every further call, so trying again comes second; an
/// error without any flag is as good as fatal.
constexpr remedy remedy_for(const call_error& e) noexcept {
  if (!e.failed)
    return remedy::none;
  if (e.requires_abort)
    return remedy::abort;
  return e.retriable && !e.fatal ? remedy::retry : remedy::new_producer;
}

} // namespace chalkstream::kafka
