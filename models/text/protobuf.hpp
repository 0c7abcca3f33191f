// Protocol Buffers' wire format, as far as reading a message's fields goes. The bytes are not trusted: no size in
// them is believed before it is checked, and nothing is allocated. Source of the format:
// https://protobuf.dev/programming-guides/encoding
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/error.hpp"

namespace chalkstream::text {

class protobuf_reader {
public:
  struct field {
    enum class kind : std::uint8_t { varint, bytes, fixed32, fixed64 };
    std::uint32_t number = 0;
    kind what = kind::varint;
    std::uint64_t value = 0; // of every kind but bytes
    std::string_view bytes;  // points into the message: a string, a message or packed numbers

    bool flag() const noexcept { return value != 0; }
    float as_float() const noexcept; // of a fixed32
  };

  /// `message` must outlive the reader and its fields.
  explicit protobuf_reader(std::string_view message) : left_(message) {}

  /// The next field in the message's order; nothing at its end. `corrupt` when the message breaks off, a number has
  /// more than 64 bits, or a field is of a kind that no longer exists (groups).
  result<std::optional<field>> next();

private:
  result<std::uint64_t> varint();
  result<std::uint64_t> fixed(std::size_t size);

  std::string_view left_;
};

} // namespace chalkstream::text
