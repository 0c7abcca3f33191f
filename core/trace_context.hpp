// W3C Trace Context (level 1): the headers `traceparent` and `tracestate`, by which a record's way through several
// programs is one trace.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace chalkstream {

inline constexpr std::string_view traceparent_header = "traceparent";
inline constexpr std::string_view tracestate_header = "tracestate";

using trace_id = std::array<std::uint8_t, 16>;
using span_id = std::array<std::uint8_t, 8>;

struct trace_context {
  trace_id trace{};
  span_id span{};
  std::uint8_t flags = 0;

  /// Whoever began the trace records it, and asks others to.
  bool sampled() const noexcept { return (flags & 1U) != 0; }
};

/// Nothing for what is malformed, has an id of zeros, or version ff. A later version is read as far as version 00
/// goes.
std::optional<trace_context> read_traceparent(std::string_view text);

/// "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
std::string write_traceparent(const trace_context& context);

/// Worth passing on: printable, 512 characters at most.
bool is_tracestate(std::string_view text) noexcept;

std::string hex(std::span<const std::uint8_t> bytes);

} // namespace chalkstream
