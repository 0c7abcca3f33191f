#include "models/image/tiff_samples.hpp"

#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "models/image/pixels.hpp"

namespace chalkstream::image {
namespace {

// Those that scanners and programs write, and whose memory is bounded by what they unpack to.
constexpr std::array known_compressions{COMPRESSION_NONE, COMPRESSION_CCITTRLE,      COMPRESSION_CCITTFAX3,
                                        COMPRESSION_LZW,  COMPRESSION_CCITTFAX4,     COMPRESSION_JPEG,
                                        COMPRESSION_DEFLATE, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS};

std::uint16_t short_field(tiff* file, std::uint32_t tag) {
  std::uint16_t value = 0;
  TIFFGetFieldDefaulted(file, tag, &value);
  return value;
}

result<void> read_colours(tiff* file, tiff_layout& layout, std::uint16_t compression) {
  using colours = tiff_layout::colours;
  std::uint16_t meaning = 0xffff;
  TIFFGetField(file, TIFFTAG_PHOTOMETRIC, &meaning);
  switch (meaning) {
  case PHOTOMETRIC_MINISBLACK: layout.kind = colours::grey; return {};
  case PHOTOMETRIC_MINISWHITE: layout.kind = colours::grey_from_white; return {};
  case PHOTOMETRIC_PALETTE: layout.kind = colours::palette; return {};
  case PHOTOMETRIC_RGB: layout.kind = colours::rgb; return {};
  case PHOTOMETRIC_SEPARATED: layout.kind = colours::cmyk; return {};
  case PHOTOMETRIC_YCBCR:
    layout.kind = colours::rgb;
    if (compression == COMPRESSION_JPEG && !layout.apart)
      TIFFSetField(file, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    else
      layout.converted = true;
    return {};
  default: return {errc::unsupported, "its colours are of kind " + std::to_string(meaning)};
  }
}

void read_alpha(tiff* file, tiff_layout& layout, std::size_t colour_samples) {
  std::uint16_t count = 0;
  const std::uint16_t* kinds = nullptr;
  TIFFGetFieldDefaulted(file, TIFFTAG_EXTRASAMPLES, &count, &kinds);
  if (layout.samples == colour_samples || count == 0 || kinds == nullptr)
    return;
  if (kinds[0] == EXTRASAMPLE_ASSOCALPHA)
    layout.beside = tiff_layout::alpha::multiplied;
  else if (kinds[0] == EXTRASAMPLE_UNASSALPHA)
    layout.beside = tiff_layout::alpha::straight;
}

result<void> read_palette(tiff* file, tiff_layout& layout) {
  std::array<const std::uint16_t*, 3> columns{};
  if (layout.bits > 8 || TIFFGetField(file, TIFFTAG_COLORMAP, &columns[0], &columns[1], &columns[2]) == 0)
    return {errc::invalid_argument, "it has no palette"};
  layout.palette.resize(std::size_t{1} << layout.bits);
  for (std::size_t i = 0; i < layout.palette.size(); ++i)
    for (std::size_t c = 0; c < 3; ++c)
      layout.palette[i][c] = static_cast<std::uint8_t>(columns[c][i] >> 8);
  return {};
}

std::uint8_t unmultiplied(unsigned colour, unsigned alpha) {
  return alpha == 0 ? 0 : static_cast<std::uint8_t>(std::min(colour * 255 / alpha, 255u));
}

} // namespace

result<tiff_layout> tiff_layout::of(tiff* file) {
  tiff_layout layout;
  TIFFGetField(file, TIFFTAG_IMAGEWIDTH, &layout.width);
  TIFFGetField(file, TIFFTAG_IMAGELENGTH, &layout.height);
  layout.samples = short_field(file, TIFFTAG_SAMPLESPERPIXEL);
  layout.bits = short_field(file, TIFFTAG_BITSPERSAMPLE);
  layout.orientation = short_field(file, TIFFTAG_ORIENTATION);
  layout.apart = layout.samples > 1 && short_field(file, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE;
  const auto compression = short_field(file, TIFFTAG_COMPRESSION);
  if (std::find(known_compressions.begin(), known_compressions.end(), compression) == known_compressions.end())
    return {errc::unsupported, "it is compressed in a way that is not read here (" + std::to_string(compression) + ")"};
  const auto numbers = short_field(file, TIFFTAG_SAMPLEFORMAT);
  const bool bits_known = layout.bits == 1 || layout.bits == 2 || layout.bits == 4 || layout.bits == 8
                          || layout.bits == 16;
  if (!bits_known || (numbers != SAMPLEFORMAT_UINT && numbers != SAMPLEFORMAT_VOID))
    return {errc::unsupported, "its samples are not whole numbers of 1, 2, 4, 8 or 16 bits"};
  CHALK_CHECK(read_colours(file, layout, compression));
  if (layout.samples < layout.colour_samples())
    return {errc::invalid_argument, "it has " + std::to_string(layout.samples) + " samples a pixel, too few"};
  read_alpha(file, layout, layout.colour_samples());
  if (layout.kind == colours::palette)
    CHALK_CHECK(read_palette(file, layout));
  return layout;
}

std::size_t tiff_layout::colour_samples() const {
  return kind == colours::rgb ? 3 : kind == colours::cmyk ? 4 : 1;
}

unsigned tiff_layout::number(const std::uint8_t* row, std::size_t plane_bytes, std::size_t column,
                             std::size_t sample) const {
  if (apart)
    row += sample * plane_bytes;
  const std::size_t at = apart ? column : column * samples + sample;
  if (bits == 8)
    return row[at];
  if (bits == 16) {
    std::uint16_t value = 0;
    std::memcpy(&value, row + at * 2, 2);
    return value;
  }
  return (row[at * bits / 8] >> (8 - bits - at * bits % 8)) & ((1u << bits) - 1);
}

std::uint8_t tiff_layout::byte(const std::uint8_t* row, std::size_t plane_bytes, std::size_t column,
                               std::size_t sample) const {
  const auto value = number(row, plane_bytes, column, sample);
  return static_cast<std::uint8_t>(bits == 16 ? value >> 8 : bits == 8 ? value : value * 255 / ((1u << bits) - 1));
}

void tiff_layout::to_rgb(const std::uint8_t* row, std::size_t plane_bytes, std::size_t columns,
                         std::uint8_t* out) const {
  if (kind == colours::rgb && samples == 3 && bits == 8 && !apart) {
    std::memcpy(out, row, columns * 3);
    return;
  }
  for (std::size_t x = 0; x < columns; ++x, out += 3) {
    const auto sample = [&](std::size_t which) { return byte(row, plane_bytes, x, which); };
    switch (kind) {
    case colours::grey: std::fill_n(out, 3, sample(0)); break;
    case colours::grey_from_white: std::fill_n(out, 3, static_cast<std::uint8_t>(255 - sample(0))); break;
    case colours::palette:
      std::copy_n(palette[number(row, plane_bytes, x, 0)].begin(), 3, out);
      break;
    case colours::rgb:
      for (std::size_t c = 0; c < 3; ++c)
        out[c] = sample(c);
      break;
    case colours::cmyk: {
      const std::uint8_t inks[4] = {sample(0), sample(1), sample(2), sample(3)};
      cmyk_to_rgb(inks, out);
      break;
    }
    }
    if (beside == alpha::none)
      continue;
    const auto through = sample(colour_samples());
    for (std::size_t c = 0; c < 3; ++c)
      out[c] = over_white(beside == alpha::multiplied ? unmultiplied(out[c], through) : out[c], through);
  }
}

} // namespace chalkstream::image
