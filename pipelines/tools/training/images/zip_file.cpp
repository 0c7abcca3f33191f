#include "pipelines/tools/training/images/zip_file.hpp"

#include "pipelines/tools/training/data_file.hpp"
#include "pipelines/tools/training/images/inflate.hpp"

#include <algorithm>
#include <limits>
#include <zlib.h>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::string_view local_magic = "PK\x03\x04";
constexpr std::string_view entry_magic = "PK\x01\x02";
constexpr std::string_view end_magic = "PK\x05\x06";
constexpr std::size_t local_size = 30;
constexpr std::size_t entry_size = 46;
constexpr std::size_t end_size = 22;
constexpr std::size_t longest_comment = 0xFFFF;
constexpr std::uint32_t in_zip64 = 0xFFFFFFFF;
constexpr std::uint16_t stored = 0;
constexpr std::uint16_t deflated = 8;
constexpr std::uint16_t encrypted = 1; // a flag

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i > 0; --i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
  return value;
}

std::uint16_t half(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(number(bytes, at, 2));
}

std::uint32_t word(std::string_view bytes, std::size_t at) {
  return number(bytes, at, 4);
}

std::uint32_t checksum(std::string_view bytes) {
  uLong sum = crc32(0, nullptr, 0);
  constexpr std::size_t step = std::size_t{1} << 30;
  for (std::size_t at = 0; at < bytes.size(); at += step)
    sum = crc32(sum, reinterpret_cast<const Bytef*>(bytes.data() + at),
                static_cast<uInt>(std::min(step, bytes.size() - at)));
  return static_cast<std::uint32_t>(sum);
}

} // namespace

bool looks_like_zip(std::string_view start) {
  return start.starts_with(local_magic) || start.starts_with(end_magic);
}

error zip_file::wrong(const std::string& what) const {
  return {errc::corrupt, file_.string() + ": " + what};
}

result<zip_file> zip_file::open(const std::filesystem::path& file) {
  CHALK_TRY(auto bytes, read_bytes(file));
  zip_file made(file, std::move(bytes));
  CHALK_CHECK(made.read_directory());
  return made;
}

result<void> zip_file::read_directory() {
  const std::string_view all(bytes_);
  if (all.size() < end_size)
    return wrong("is too short for a zip archive");
  const auto earliest = all.size() - std::min(all.size(), end_size + longest_comment);
  const auto end = all.rfind(end_magic, all.size() - end_size);
  if (end == std::string_view::npos || end < earliest)
    return wrong("is truncated: a zip archive ends with its directory, and this has none");
  const std::size_t count = half(all, end + 10);
  const std::size_t size = word(all, end + 12);
  const std::size_t begin = word(all, end + 16);
  if (half(all, end + 4) != 0 || begin == in_zip64 || count == 0xFFFF)
    return {errc::unsupported, file_.string() + ": is a zip archive in parts, or a Zip64 one"};
  if (begin > end || size > end - begin)
    return wrong("its directory would lie outside the file");
  auto at = begin;
  for (std::size_t i = 0; i < count; ++i) {
    if (begin + size - at < entry_size || all.substr(at, 4) != entry_magic)
      return wrong("its directory ends within entry " + std::to_string(i));
    entry made;
    made.flags = half(all, at + 8);
    made.method = half(all, at + 10);
    made.crc = word(all, at + 16);
    made.packed = word(all, at + 20);
    made.size = word(all, at + 24);
    made.header = word(all, at + 42);
    const std::size_t name = half(all, at + 28);
    const std::size_t whole = entry_size + name + half(all, at + 30) + half(all, at + 32);
    if (whole > begin + size - at)
      return wrong("its directory ends within entry " + std::to_string(i));
    made.name = all.substr(at + entry_size, name);
    entries_.push_back(std::move(made));
    at += whole;
  }
  return {};
}

result<std::string> zip_file::read(const entry& what, std::size_t most) const {
  const std::string_view all(bytes_);
  const auto bad = [&](const std::string& why) { return wrong("entry '" + what.name + "' " + why); };
  if ((what.flags & encrypted) != 0 || (what.method != stored && what.method != deflated))
    return error{errc::unsupported, file_.string() + ": entry '" + what.name
                                        + "' is encrypted, or packed in another way than stored or deflated"};
  if (what.size > most)
    return bad("would have " + std::to_string(what.size) + " bytes; the limit is " + std::to_string(most));
  if (what.header > all.size() || all.size() - what.header < local_size || all.substr(what.header, 4) != local_magic)
    return bad("is not where the directory says");
  const std::size_t begin = what.header + local_size + half(all, what.header + 26) + half(all, what.header + 28);
  if (begin > all.size() || what.packed > all.size() - begin)
    return bad("is truncated");
  const auto packed = all.substr(begin, what.packed);
  std::string bytes;
  if (what.method == stored) {
    if (what.packed != what.size)
      return bad("is stored in " + std::to_string(what.packed) + " bytes and has " + std::to_string(what.size));
    bytes = packed;
  } else {
    auto unpacked = inflate_exactly(packed, wrapping::none, what.size);
    if (!unpacked)
      return bad(unpacked.error().message);
    bytes = std::move(*unpacked);
  }
  if (checksum(bytes) != what.crc)
    return bad("is damaged: its checksum is another");
  return bytes;
}

} // namespace chalkstream::pipelines::tools
