#include <webp/decode.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>

#include "models/image/codecs.hpp"
#include "models/image/orientation.hpp"
#include "models/image/pixels.hpp"

namespace chalkstream::image {
namespace {

const std::uint8_t* bytes_of(file_bytes file) {
  return reinterpret_cast<const std::uint8_t*>(file.data());
}

// RIFF: a name, a length and as many bytes, padded to an even number; the first is of the file, and holds "WEBP" and
// others.
constexpr std::size_t chunk_head = 8;

std::size_t length_of_chunk(file_bytes file, std::size_t at) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i)
    length |= static_cast<std::size_t>(file[at + 4 + i]) << (8 * i);
  return length;
}

unsigned orientation_of(file_bytes file) {
  std::size_t at = chunk_head + 4;
  while (at + chunk_head <= file.size()) {
    const auto length = length_of_chunk(file, at);
    const auto content = file.subspan(at + chunk_head);
    if (std::memcmp(file.data() + at, "EXIF", 4) == 0)
      return exif_orientation(content.first(std::min(length, content.size())));
    at += chunk_head + length + (length & 1);
  }
  return 1;
}

struct decoder_end {
  void operator()(WebPIDecoder* decoder) const { WebPIDelete(decoder); }
};

std::string reason_of(VP8StatusCode status) {
  switch (status) {
  case VP8_STATUS_NOT_ENOUGH_DATA:
  case VP8_STATUS_SUSPENDED:
    return "it is cut off";
  case VP8_STATUS_UNSUPPORTED_FEATURE:
    return "it has a feature that the library does not know";
  default:
    return "its data are corrupt";
  }
}

} // namespace

result<page> decode_webp(file_bytes file, allowance& costs) {
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0)
    return {errc::internal, "the WebP library is not the one that was built against"};
  if (length_of_chunk(file, 0) > file.size() - chunk_head)
    return corrupt("it is cut off");
  const auto known = WebPGetFeatures(bytes_of(file), file.size(), &config.input);
  if (known != VP8_STATUS_OK)
    return corrupt(reason_of(known));
  if (config.input.has_animation != 0)
    return {errc::unsupported, "it is an animation"};
  const auto width = static_cast<std::size_t>(config.input.width);
  const auto height = static_cast<std::size_t>(config.input.height);
  const bool alpha = config.input.has_alpha != 0;
  CHALK_TRY(auto made, costs.blank(width, height));
  // The library's own: all pixels of 4 bytes for lossless images, less for others, and tables.
  CHALK_TRY(const auto inside, taken_bytes::from(costs, width * height * 4 + (std::size_t{4} << 20)));
  CHALK_TRY(const auto scratch, taken_bytes::from(costs, alpha ? width * height * 4 : 0));
  std::vector<std::uint8_t> with_alpha(alpha ? width * height * 4 : 0);
  auto& output = config.output;
  output.colorspace = alpha ? MODE_RGBA : MODE_RGB;
  output.is_external_memory = 1;
  output.u.RGBA.rgba = alpha ? with_alpha.data() : made.values.data();
  output.u.RGBA.stride = static_cast<int>(width * (alpha ? 4 : 3));
  output.u.RGBA.size = width * height * (alpha ? 4 : 3);
  // In portions, so that time can be looked at between them.
  const std::unique_ptr<WebPIDecoder, decoder_end> decoder(WebPIDecode(nullptr, 0, &config));
  if (decoder == nullptr)
    return {errc::out_of_memory, "the WebP library found no memory"};
  constexpr std::size_t portion = 1 << 15;
  auto status = VP8_STATUS_SUSPENDED;
  for (std::size_t given = 0; status == VP8_STATUS_SUSPENDED && given < file.size();) {
    given = std::min(file.size(), given + portion);
    status = WebPIUpdate(decoder.get(), bytes_of(file), given);
    CHALK_CHECK(costs.in_time());
  }
  if (status != VP8_STATUS_OK)
    return corrupt(reason_of(status));
  for (std::size_t i = 0; i < width * height && alpha; ++i)
    rgba_over_white(with_alpha.data() + i * 4, made.values.data() + i * 3);
  return page{std::move(made), orientation_of(file)};
}

} // namespace chalkstream::image
