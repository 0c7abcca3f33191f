#include "models/text/protobuf.hpp"

#include <bit>

namespace chalkstream::text {

namespace {

constexpr std::uint64_t largest_number = (std::uint64_t{1} << 29) - 1; // of a field

error broken_off() {
  return {errc::corrupt, "breaks off inside a field"};
}

} // namespace

float protobuf_reader::field::as_float() const noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value));
}

result<std::uint64_t> protobuf_reader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (left_.empty())
      return broken_off();
    const auto byte = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    if (shift == 63 && byte > 1)
      break;
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80)
      return value;
  }
  return {errc::corrupt, "has a number of more than 64 bits"};
}

result<std::uint64_t> protobuf_reader::fixed(std::size_t size) {
  if (left_.size() < size)
    return broken_off();
  std::uint64_t value = 0;
  for (std::size_t k = 0; k < size; ++k)
    value |= std::uint64_t{static_cast<unsigned char>(left_[k])} << (8 * k);
  left_.remove_prefix(size);
  return value;
}

result<std::optional<protobuf_reader::field>> protobuf_reader::next() {
  if (left_.empty())
    return std::optional<field>();
  CHALK_TRY(const std::uint64_t tag, varint());
  if (tag >> 3 == 0 || tag >> 3 > largest_number)
    return {errc::corrupt, "has a field whose number is out of range"};
  field made;
  made.number = static_cast<std::uint32_t>(tag >> 3);
  switch (tag & 7) {
  case 0: {
    CHALK_TRY(made.value, varint());
    break;
  }
  case 1: {
    made.what = field::kind::fixed64;
    CHALK_TRY(made.value, fixed(8));
    break;
  }
  case 2: {
    made.what = field::kind::bytes;
    CHALK_TRY(const std::uint64_t size, varint());
    if (size > left_.size())
      return broken_off();
    made.bytes = left_.substr(0, static_cast<std::size_t>(size));
    left_.remove_prefix(static_cast<std::size_t>(size));
    break;
  }
  case 5: {
    made.what = field::kind::fixed32;
    CHALK_TRY(made.value, fixed(4));
    break;
  }
  default:
    return {errc::corrupt, "has a field of kind " + std::to_string(tag & 7)};
  }
  return std::optional(made);
}

} // namespace chalkstream::text
