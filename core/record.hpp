// One record as it came from a topic, borrowed rather than copied.
#pragma once

#include "core/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream {

/// A header as received; a null value is allowed by Kafka and differs from an empty one.
struct header_view {
  std::string_view name;
  std::optional<std::string_view> value;
};

/// A header we own and send.
struct header {
  std::string name;
  std::optional<std::string> value;
};

struct record {
  /// Owns the memory behind every view below (the client library's message). Copying a record copies a reference.
  std::shared_ptr<const void> memory;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  wall_time timestamp{};
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::vector<header_view> headers;

  /// What the record costs in credit: key, value and headers, in bytes.
  std::size_t bytes() const noexcept;
};

} // namespace chalkstream
