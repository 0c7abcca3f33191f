#include "pipelines/tools/training/images/idx_file.hpp"

#include "pipelines/tools/training/data_file.hpp"
#include "pipelines/tools/training/images/inflate.hpp"

#include <algorithm>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::string_view packed_magic{"\x1f\x8b", 2};
constexpr std::string_view idx_magic{"\0\0\x08", 3}; // bytes
constexpr std::size_t longest_side = 4096;

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

error wrong(const std::filesystem::path& file, const std::string& what) {
  return {errc::corrupt, file.string() + ": " + what};
}

struct idx_content {
  std::vector<std::size_t> sizes;
  std::string bytes; // header included
  std::size_t header = 0;
};

result<idx_content> read_content(const std::filesystem::path& file, std::size_t dimensions) {
  CHALK_TRY(auto bytes, read_bytes(file));
  const bool packed = bytes.starts_with(packed_magic);
  idx_content made;
  made.header = 4 + 4 * dimensions;
  auto start = bytes.substr(0, made.header);
  if (packed) {
    auto unpacked = inflate_start(bytes, wrapping::gzip, made.header);
    if (!unpacked)
      return wrong(file, unpacked.error().message);
    start = std::move(*unpacked);
  }
  if (start.size() < 4 || !start.starts_with(idx_magic))
    return wrong(file, "does not begin as an IDX file of bytes does (00 00 08)");
  if (static_cast<std::size_t>(start[3]) != dimensions)
    return wrong(file, "has " + std::to_string(static_cast<unsigned char>(start[3])) + " dimensions; "
                           + (dimensions == 1 ? "labels have 1" : "pictures have 3 (number, height, width)"));
  if (start.size() < made.header)
    return wrong(file, "is truncated within its header");
  std::size_t whole = 1;
  for (std::size_t d = 0; d < dimensions; ++d) {
    const auto size = made.sizes.emplace_back(number_at(start, 4 + 4 * d));
    if (size == 0 || (d > 0 && size > longest_side) || size > most_picture_bytes / whole)
      return wrong(file, "says it has " + std::to_string(size) + (d == 0 ? " entries" : " bytes along a side")
                             + ", which cannot be");
    whole *= size;
  }
  whole += made.header;
  if (packed) {
    auto unpacked = inflate_exactly(bytes, wrapping::gzip, whole);
    if (!unpacked)
      return wrong(file, unpacked.error().message);
    bytes = std::move(*unpacked);
  }
  if (bytes.size() != whole)
    return wrong(file,
                 "has " + std::to_string(bytes.size()) + " bytes; its header asks for " + std::to_string(whole));
  made.bytes = std::move(bytes);
  return made;
}

} // namespace

bool looks_like_idx(std::string_view start) {
  return start.starts_with(packed_magic) || start.starts_with(idx_magic);
}

result<std::filesystem::path> idx_labels_of(const std::filesystem::path& images) {
  auto name = images.filename().string();
  for (const auto& [from, to] : {std::pair<std::string_view, std::string_view>{"images-idx3", "labels-idx1"},
                                 {"images.idx3", "labels.idx1"},
                                 {"images", "labels"}})
    if (const auto at = name.find(from); at != std::string::npos) {
      name.replace(at, from.size(), to);
      return images.parent_path() / name;
    }
  return error{errc::invalid_argument,
               images.string()
                   + ": is an IDX file; name the one with pictures, '…images…', and have its labels beside "
                     "it, '…labels…' (train-images-idx3-ubyte, train-labels-idx1-ubyte)"};
}

result<idx_pictures> read_idx(const std::filesystem::path& images, const std::filesystem::path& labels) {
  CHALK_TRY(const auto pixels, read_content(images, 3));
  CHALK_TRY(const auto named, read_content(labels, 1));
  if (named.sizes[0] != pixels.sizes[0])
    return wrong(labels, "has " + std::to_string(named.sizes[0]) + " labels, and " + images.string() + " "
                             + std::to_string(pixels.sizes[0]) + " pictures");
  idx_pictures made;
  const auto bytes = pixels.sizes[1] * pixels.sizes[2];
  for (std::size_t i = 0; i < pixels.sizes[0]; ++i) {
    const auto* from = pixels.bytes.data() + pixels.header + i * bytes;
    made.pictures.push_back({pixels.sizes[2], pixels.sizes[1], 1, {from, from + bytes}});
  }
  made.labels.assign(named.bytes.begin() + static_cast<std::ptrdiff_t>(named.header), named.bytes.end());
  return made;
}

} // namespace chalkstream::pipelines::tools
