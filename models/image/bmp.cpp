#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "models/image/codecs.hpp"
#include "models/image/pixels.hpp"

namespace chalkstream::image {
namespace {

constexpr std::size_t file_head = 14;

struct bmp_head {
  std::size_t size = 0;
  std::size_t pixels = 0; // where they begin
  std::int64_t width = 0;
  std::int64_t height = 0; // negative: rows from the top
  unsigned bits = 0;
  std::uint32_t compression = 0;
  std::size_t colours = 0;
  std::array<std::uint32_t, 4> masks{}; // red, green, blue, alpha
};

using rgb = std::array<std::uint8_t, 3>;

// Little-endian; 0 behind the end, where the caller has not looked.
std::uint32_t number(file_bytes file, std::size_t at, std::size_t bytes) {
  std::uint32_t made = 0;
  for (std::size_t i = 0; i < bytes && at + i < file.size(); ++i)
    made |= static_cast<std::uint32_t>(file[at + i]) << (8 * i);
  return made;
}

result<bmp_head> read_head(file_bytes file) {
  bmp_head head;
  head.size = number(file, file_head, 4);
  head.pixels = number(file, 10, 4);
  const bool old = head.size == 12;
  constexpr std::array<std::size_t, 7> known{12, 40, 52, 56, 64, 108, 124};
  if (std::find(known.begin(), known.end(), head.size) == known.end())
    return {errc::unsupported, "its header of " + std::to_string(head.size) + " bytes is of no known kind"};
  if (file.size() < file_head + head.size)
    return corrupt("it is cut off");
  const auto field = [&](std::size_t at, std::size_t bytes) { return number(file, file_head + at, bytes); };
  if (old) {
    head.width = field(4, 2);
    head.height = field(6, 2);
    head.bits = field(10, 2);
    head.colours = std::size_t{1} << std::min(head.bits, 8u);
    return head;
  }
  head.width = static_cast<std::int32_t>(field(4, 4));
  head.height = static_cast<std::int32_t>(field(8, 4));
  head.bits = field(14, 2);
  head.compression = field(16, 4);
  head.colours = field(32, 4);
  if (head.colours == 0 && head.bits <= 8)
    head.colours = std::size_t{1} << head.bits;
  constexpr std::uint32_t bit_fields = 3;
  if (head.compression == bit_fields) // behind the oldest of these headers, in the others
    for (std::size_t c = 0; c < (head.size >= 56 ? 4 : 3); ++c)
      head.masks[c] = number(file, file_head + 40 + c * 4, 4);
  return head;
}

// Which bits are which colour, where a pixel is a number.
result<std::array<std::uint32_t, 4>> masks_of(const bmp_head& head) {
  auto masks = head.masks;
  if (masks == std::array<std::uint32_t, 4>{})
    masks = head.bits == 16 ? std::array<std::uint32_t, 4>{0x7c00, 0x3e0, 0x1f, 0}
                            : std::array<std::uint32_t, 4>{0xff0000, 0xff00, 0xff, 0};
  for (const auto mask : masks) {
    const auto shifted = mask == 0 ? 0 : mask >> std::countr_zero(mask);
    if ((shifted & (shifted + 1)) != 0 || shifted > 0xffff)
      return {errc::unsupported, "its colours are in bits that are not side by side"};
  }
  return masks;
}

std::uint8_t part_of(std::uint32_t pixel, std::uint32_t mask) {
  if (mask == 0)
    return 0;
  const auto shift = std::countr_zero(mask);
  return static_cast<std::uint8_t>(((pixel & mask) >> shift) * 255 / (mask >> shift));
}

std::vector<rgb> palette_of(file_bytes file, const bmp_head& head) {
  const std::size_t entry = head.size == 12 ? 3 : 4;
  const std::size_t begin = file_head + head.size;
  std::vector<rgb> palette(256); // black, where a pixel means none of the file's
  for (std::size_t i = 0; i < std::min<std::size_t>(head.colours, 256); ++i)
    for (std::size_t c = 0; c < 3; ++c)
      palette[i][c] = static_cast<std::uint8_t>(number(file, begin + i * entry + 2 - c, 1));
  return palette;
}

} // namespace

result<page> decode_bmp(file_bytes file, allowance& costs) {
  CHALK_TRY(const auto head, read_head(file));
  const bool indexed = head.bits == 1 || head.bits == 4 || head.bits == 8;
  if (!indexed && head.bits != 16 && head.bits != 24 && head.bits != 32)
    return {errc::unsupported, "it has " + std::to_string(head.bits) + " bits a pixel"};
  if (head.compression != 0 && !(head.compression == 3 && !indexed))
    return {errc::unsupported, "it is compressed (kind " + std::to_string(head.compression) + ")"};
  if (head.width < 0)
    return corrupt("its width is negative");
  const auto width = static_cast<std::size_t>(head.width);
  const auto height = static_cast<std::size_t>(std::llabs(head.height));
  CHALK_TRY(auto made, costs.blank(width, height));
  const std::size_t row_bytes = (width * head.bits + 31) / 32 * 4;
  if (head.pixels > file.size() || row_bytes > (file.size() - head.pixels) / height)
    return corrupt("it is cut off");
  CHALK_TRY(const auto masks, masks_of(head));
  const auto palette = palette_of(file, head);
  for (std::size_t y = 0; y < height; ++y) {
    CHALK_CHECK(costs.in_time());
    const auto row = file.subspan(head.pixels + y * row_bytes, row_bytes);
    std::uint8_t* out = made.values.data() + (head.height < 0 ? y : height - 1 - y) * width * 3;
    for (std::size_t x = 0; x < width; ++x, out += 3) {
      if (indexed) {
        const std::size_t bit = x * head.bits;
        const auto byte = static_cast<unsigned>(row[bit / 8]);
        const auto& colour = palette[(byte >> (8 - head.bits - bit % 8)) & ((1u << head.bits) - 1)];
        std::copy(colour.begin(), colour.end(), out);
        continue;
      }
      const auto pixel = number(row, x * head.bits / 8, head.bits / 8);
      for (std::size_t c = 0; c < 3; ++c)
        out[c] = part_of(pixel, masks[c]);
      if (masks[3] != 0)
        for (std::size_t c = 0; c < 3; ++c)
          out[c] = over_white(out[c], part_of(pixel, masks[3]));
    }
  }
  return page{std::move(made), 1};
}

} // namespace chalkstream::image
