#include "monitoring/device_probe.hpp"

#include "monitoring/page.hpp"

namespace chalkstream::monitoring {

namespace {

constexpr family slots_now{"chalkstream_slots", "Execution contexts that compute on the device.", metric_type::gauge};
constexpr family slot_busy{"chalkstream_slot_busy_ratio",
                           "Share of the time the slots spent computing on the device.", metric_type::gauge};

} // namespace

void device_probe::write(page& to) const {
  const label device{"device", name_};
  to.add(slots_now, {device}, slots_);
  to.add(slot_busy, {device}, busy_);
}

} // namespace chalkstream::monitoring
