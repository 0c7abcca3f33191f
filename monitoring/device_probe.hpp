// Counts what the slots do on one device: "cpu", or "cuda:0" and so on. Thread-safe and cheap. Series carry the label
// `device`.
#pragma once

#include "monitoring/instruments.hpp"

#include <cstddef>
#include <string>

namespace chalkstream::monitoring {

class page;

class device_probe {
public:
  explicit device_probe(std::string name) : name_(std::move(name)) {}

  /// Slots that compute on it, and the share of the time since the last call in which they did, 0 to 1.
  void slots(std::size_t count, double busy) noexcept {
    slots_.set(static_cast<double>(count));
    busy_.set(busy);
  }

  void write(page& to) const;

private:
  std::string name_;
  gauge slots_;
  gauge busy_;
};

} // namespace chalkstream::monitoring
