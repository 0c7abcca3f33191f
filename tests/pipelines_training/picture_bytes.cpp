#include "tests/pipelines_training/picture_bytes.hpp"

#include "pipelines/tools/training/images/bitmap.hpp"

#include <zlib.h>

namespace chalkstream::pipelines::tools {

namespace {

void add_little(std::string& to, std::size_t value, int bytes) {
  for (; bytes > 0; --bytes, value >>= 8)
    to.push_back(static_cast<char>(value & 0xFF));
}

std::string deflated(std::string_view bytes, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string made(deflateBound(&stream, static_cast<uLong>(bytes.size())) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(made.data());
  stream.avail_out = static_cast<uInt>(made.size());
  deflate(&stream, Z_FINISH);
  made.resize(made.size() - stream.avail_out);
  deflateEnd(&stream);
  return made;
}

} // namespace

std::string idx_bytes(const std::vector<std::uint32_t>& sizes, std::string_view content) {
  std::string made("\0\0\x08", 3);
  made.push_back(static_cast<char>(sizes.size()));
  for (const auto size : sizes)
    for (int i = 3; i >= 0; --i)
      made.push_back(static_cast<char>(size >> (8 * i) & 0xFF));
  return made.append(content);
}

std::string gzipped(std::string_view bytes) {
  return deflated(bytes, 16 + 15);
}

std::string zip_bytes(const std::vector<std::pair<std::string, std::string>>& entries, bool deflate) {
  std::string made, directory;
  for (const auto& [name, content] : entries) {
    const auto packed = deflate ? deflated(content, -15) : content;
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
    std::string facts; // what both headers have
    add_little(facts, 20, 2);
    add_little(facts, 0, 2);
    add_little(facts, deflate ? 8 : 0, 2);
    add_little(facts, 0, 4);
    add_little(facts, crc, 4);
    add_little(facts, packed.size(), 4);
    add_little(facts, content.size(), 4);
    add_little(facts, name.size(), 2);
    add_little(facts, 0, 2);
    directory += "PK\x01\x02";
    add_little(directory, 20, 2);
    directory += facts;
    add_little(directory, 0, 10);
    add_little(directory, made.size(), 4);
    directory += name;
    made += "PK\x03\x04" + facts + name + packed;
  }
  const auto begin = made.size();
  made += directory + "PK\x05\x06";
  add_little(made, 0, 4);
  add_little(made, entries.size(), 2);
  add_little(made, entries.size(), 2);
  add_little(made, directory.size(), 4);
  add_little(made, begin, 4);
  add_little(made, 0, 2);
  return made;
}

std::string cifar_record(std::uint8_t label, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  std::string made(1, static_cast<char>(label));
  for (const auto value : {red, green, blue})
    made.append(1024, static_cast<char>(value));
  return made;
}

std::string plain_picture(std::uint8_t width, std::uint8_t height, std::uint8_t red, std::uint8_t green,
                          std::uint8_t blue) {
  picture made{width, height, 3, {}};
  for (int i = 0; i < width * height; ++i)
    made.values.insert(made.values.end(), {red, green, blue});
  return bitmap_file(made);
}

} // namespace chalkstream::pipelines::tools
