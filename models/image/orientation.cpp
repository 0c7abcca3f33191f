#include "models/image/orientation.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

namespace chalkstream::image {
namespace {

// A number of a block whose own beginning says which byte comes first; 0 behind its end.
class block_reader {
public:
  explicit block_reader(std::span<const std::byte> block) : block_(block) {
    big_ = block.size() > 1 && block[0] == std::byte{'M'} && block[1] == std::byte{'M'};
  }

  std::uint32_t number(std::size_t at, std::size_t bytes) const {
    if (at > block_.size() || bytes > block_.size() - at)
      return 0;
    std::uint32_t made = 0;
    for (std::size_t i = 0; i < bytes; ++i)
      made = made << 8 | static_cast<std::uint32_t>(block_[at + (big_ ? i : bytes - 1 - i)]);
    return made;
  }

private:
  std::span<const std::byte> block_;
  bool big_ = false;
};

void mirror(picture& p) {
  for (std::size_t y = 0; y < p.height; ++y) {
    auto* row = p.values.data() + y * p.width * p.channels;
    for (std::size_t left = 0, right = p.width - 1; left < right; ++left, --right)
      std::swap_ranges(row + left * p.channels, row + (left + 1) * p.channels, row + right * p.channels);
  }
}

void turn_over(picture& p) {
  const auto length = p.width * p.channels;
  for (std::size_t top = 0, bottom = p.height - 1; top < bottom; ++top, --bottom)
    std::swap_ranges(p.values.begin() + top * length, p.values.begin() + (top + 1) * length,
                     p.values.begin() + bottom * length);
}

// Columns become rows.
void transpose(const picture& from, picture& to) {
  const auto channels = from.channels;
  for (std::size_t y = 0; y < from.height; ++y)
    for (std::size_t x = 0; x < from.width; ++x)
      std::memcpy(to.values.data() + (x * to.width + y) * channels,
                  from.values.data() + (y * from.width + x) * channels, channels);
}

} // namespace

unsigned exif_orientation(std::span<const std::byte> block) noexcept {
  constexpr std::size_t head = 6;
  if (block.size() > head && std::memcmp(block.data(), "Exif\0\0", head) == 0)
    block = block.subspan(head);
  const block_reader reader(block);
  if (reader.number(2, 2) != 42)
    return 1;
  const std::size_t directory = reader.number(4, 4);
  const std::size_t entries = reader.number(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * 12;
    constexpr std::uint32_t two_bytes = 3;
    if (reader.number(entry, 2) == 0x0112 && reader.number(entry + 2, 2) == two_bytes) {
      const auto found = reader.number(entry + 8, 2);
      return found >= 1 && found <= 8 ? found : 1;
    }
  }
  return 1;
}

result<picture> upright(picture from, unsigned orientation, allowance& costs) {
  picture made;
  if (orientation > 4) {
    const auto bytes = from.values.size();
    CHALK_TRY(made, costs.blank(from.height, from.width));
    transpose(from, made);
    costs.give_back(bytes);
  } else {
    made = std::move(from);
  }
  if (orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7)
    mirror(made);
  if (orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8)
    turn_over(made);
  return made;
}

} // namespace chalkstream::image
