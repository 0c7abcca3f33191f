// Counts what becomes of traced records' spans. Thread-safe and cheap.
#pragma once

#include "monitoring/instruments.hpp"

#include <cstddef>

namespace chalkstream::monitoring {

class page;

class trace_probe {
public:
  void sent(std::size_t traces) noexcept { sent_.add(traces); }

  /// More came than the exporter could hold.
  void overflowed() noexcept { overflowed_.add(); }

  /// The collector was away, or would not have them.
  void failed(std::size_t traces) noexcept { failed_.add(traces); }

  void write(page& to) const;

private:
  counter sent_;
  counter overflowed_;
  counter failed_;
};

} // namespace chalkstream::monitoring
