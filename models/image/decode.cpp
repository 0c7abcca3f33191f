#include "models/image/decode.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>

#include "models/image/codecs.hpp"
#include "models/image/orientation.hpp"

namespace chalkstream::image {
namespace {

bool has(std::span<const std::byte> file, std::size_t at, std::string_view text) {
  return file.size() >= at + text.size() && std::memcmp(file.data() + at, text.data(), text.size()) == 0;
}

result<std::vector<page>> alone(result<page> made) {
  if (!made)
    return std::move(made).error();
  std::vector<page> pages;
  pages.push_back(std::move(made).value());
  return pages;
}

result<std::vector<page>> pages_of(media kind, std::span<const std::byte> file, allowance& costs) {
  switch (kind) {
  case media::jpeg:
    return alone(decode_jpeg(file, costs));
  case media::png:
    return alone(decode_png(file, costs));
  case media::webp:
    return alone(decode_webp(file, costs));
  case media::bmp:
    return alone(decode_bmp(file, costs));
  case media::tiff:
    return decode_tiff(file, costs);
  case media::pdf:
    return decode_pdf(file, costs);
  }
  return {errc::internal, "a kind of image nobody reads"};
}

result<std::vector<picture>> pictures_of(media kind, std::span<const std::byte> file, allowance& costs) {
  CHALK_TRY(auto pages, pages_of(kind, file, costs));
  std::vector<picture> made;
  for (auto& one : pages) {
    CHALK_CHECK(costs.in_time());
    CHALK_TRY(auto pixels, upright(std::move(one.pixels), one.orientation, costs));
    made.push_back(std::move(pixels));
  }
  return made;
}

} // namespace

std::optional<media> media_of(std::span<const std::byte> file) {
  if (has(file, 0, "\xff\xd8\xff"))
    return media::jpeg;
  if (has(file, 0, "\x89PNG\r\n\x1a\n"))
    return media::png;
  if (has(file, 0, "RIFF") && has(file, 8, "WEBP"))
    return media::webp;
  using std::string_view_literals::operator""sv;
  if (has(file, 0, "II*\0"sv) || has(file, 0, "MM\0*"sv) || has(file, 0, "II+\0"sv) || has(file, 0, "MM\0+"sv))
    return media::tiff;
  if (has(file, 0, "BM"))
    return media::bmp;
  if (has(file, 0, "%PDF-"))
    return media::pdf;
  return std::nullopt;
}

std::string_view media_type(media kind) noexcept {
  switch (kind) {
  case media::jpeg:
    return "image/jpeg";
  case media::png:
    return "image/png";
  case media::webp:
    return "image/webp";
  case media::tiff:
    return "image/tiff";
  case media::bmp:
    return "image/bmp";
  case media::pdf:
    return "application/pdf";
  }
  return "application/octet-stream";
}

result<std::vector<picture>> decode(std::span<const std::byte> file, const decode_limits& limits) {
  if (file.size() > limits.max_bytes)
    return {errc::out_of_memory, "the image's " + std::to_string(file.size()) + " bytes are more than max_bytes ("
                                     + std::to_string(limits.max_bytes) + ")"};
  const auto kind = media_of(file);
  if (!kind)
    return {errc::invalid_argument, "this is no image: neither JPEG, PNG, WebP, TIFF, BMP nor PDF"};
  const auto refused = [&](errc code, const std::string& reason) {
    return error{code, "the image (" + std::string(media_type(*kind)) + ") cannot be read: " + reason};
  };
  // What containers throw when the machine itself has no more.
  try {
    allowance costs(limits);
    auto made = pictures_of(*kind, file, costs);
    if (!made)
      return refused(made.error().code, made.error().message);
    return made;
  } catch (const std::bad_alloc&) {
    return refused(errc::out_of_memory, "there is no memory for it");
  }
}

} // namespace chalkstream::image
