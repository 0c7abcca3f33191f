#include "models/text/charsmap.hpp"

#include "core/base64.hpp"
#include "models/text/utf8.hpp"

#include <algorithm>

namespace chalkstream::text {

namespace {

constexpr std::size_t unit_size = 4;
constexpr std::size_t longest_key = 256; // characters; keys of an array that runs in circles have no end

std::uint32_t little_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t k = 0; k < unit_size; ++k)
    value |= std::uint32_t{static_cast<unsigned char>(bytes[at + k])} << (8 * k);
  return value;
}

bool has_leaf(std::uint32_t unit) {
  return (unit >> 8 & 1) == 1;
}
std::uint32_t value(std::uint32_t unit) {
  return unit & 0x7FFFFFFFU;
}
std::uint32_t label(std::uint32_t unit) {
  return unit & 0x800000FFU;
}
std::size_t offset(std::uint32_t unit) {
  return std::size_t{unit >> 10} << ((unit & 1U << 9) >> 6);
}

} // namespace

result<charsmap> charsmap::parse(std::string_view bytes) {
  if (bytes.size() < unit_size)
    return {errc::corrupt, "precompiled_charsmap is too short"};
  const std::size_t count = little_endian(bytes, 0) / unit_size;
  bytes.remove_prefix(unit_size);
  if (count == 0 || count > bytes.size() / unit_size)
    return {errc::corrupt, "precompiled_charsmap is shorter than it says"};
  charsmap map;
  map.units_.reserve(count);
  for (std::size_t k = 0; k < count; ++k)
    map.units_.push_back(little_endian(bytes, k * unit_size));
  map.replacements_ = bytes.substr(count * unit_size);
  if (!is_valid_utf8(map.replacements_))
    return {errc::corrupt, "precompiled_charsmap has a replacement that is not UTF-8"};
  return map;
}

result<charsmap> charsmap::parse_base64(std::string_view text) {
  const auto bytes = decode_base64(text);
  if (!bytes)
    return {bytes.error().code, "precompiled_charsmap " + bytes.error().message};
  return parse(*bytes);
}

std::optional<bool> charsmap::step(std::size_t& at, char byte) const {
  const auto wanted = static_cast<unsigned char>(byte);
  const std::size_t next = at ^ wanted;
  if (wanted == 0 || next >= units_.size() || label(units_[next]) != wanted)
    return std::nullopt;
  at = next ^ offset(units_[next]);
  return has_leaf(units_[next]);
}

std::optional<std::string_view> charsmap::replacement(std::size_t at) const {
  if (at >= units_.size() || value(units_[at]) > replacements_.size())
    return std::nullopt;
  const std::size_t begin = value(units_[at]);
  if (begin < replacements_.size() && (static_cast<unsigned char>(replacements_[begin]) & 0xC0) == 0x80)
    return std::nullopt;
  const std::size_t end = std::min(replacements_.find('\0', begin), replacements_.size());
  return std::string_view(replacements_).substr(begin, end - begin);
}

std::optional<std::string_view> charsmap::find(std::span<const normalized_text::character> part) const {
  std::size_t at = offset(units_[0]);
  for (const normalized_text::character& each : part) {
    char bytes[4];
    const std::size_t size = encode_utf8(each.cp, bytes);
    for (std::size_t k = 0; k < size; ++k) {
      const auto ends = step(at, bytes[k]);
      if (!ends)
        return std::nullopt;
      if (*ends)
        return replacement(at);
    }
  }
  return std::nullopt;
}

std::optional<charsmap::match> charsmap::longest(std::span<const normalized_text::character> text) const {
  std::optional<match> best;
  std::size_t at = offset(units_[0]);
  for (std::size_t n = 0; n < std::min(text.size(), longest_key); ++n) {
    char bytes[4];
    const std::size_t size = encode_utf8(text[n].cp, bytes);
    bool ends = false;
    for (std::size_t k = 0; k < size; ++k) {
      const auto moved = step(at, bytes[k]);
      if (!moved)
        return best;
      ends = *moved;
    }
    if (ends)
      if (const auto becomes = replacement(at))
        best = match{n + 1, *becomes};
  }
  return best;
}

bool charsmap::is_short(std::span<const normalized_text::character> cluster) {
  constexpr std::size_t limit = 6;
  std::size_t size = 0;
  for (const normalized_text::character& each : cluster) {
    size += each.cp < 0x80 ? 1 : each.cp < 0x800 ? 2 : each.cp < 0x10000 ? 3 : 4;
    if (size >= limit)
      return false;
  }
  return true;
}

} // namespace chalkstream::text
