#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

#include "models/image/codecs.hpp"
#include "models/image/tiff_samples.hpp"

namespace chalkstream::image {
namespace {

// The file as the library reads it, and what it complains of.
struct tiff_source {
  file_bytes file;
  std::size_t at = 0;
  std::array<char, 200> reason{}; // written from inside of the library, where nothing may be thrown

  bool complained() const { return reason[0] != '\0'; }
};

tiff_source& source_of(thandle_t handle) {
  return *static_cast<tiff_source*>(handle);
}

tmsize_t read_bytes(thandle_t handle, void* to, tmsize_t wanted) {
  auto& source = source_of(handle);
  const auto left = source.at < source.file.size() ? source.file.size() - source.at : 0;
  const auto bytes = std::min(left, static_cast<std::size_t>(std::max<tmsize_t>(wanted, 0)));
  if (bytes > 0)
    std::memcpy(to, source.file.data() + source.at, bytes);
  source.at += bytes;
  return static_cast<tmsize_t>(bytes);
}

tmsize_t write_nothing(thandle_t, void*, tmsize_t) {
  return -1;
}

toff_t seek(thandle_t handle, toff_t to, int from) {
  auto& source = source_of(handle);
  const std::size_t base = from == SEEK_SET ? 0 : from == SEEK_CUR ? source.at : source.file.size();
  source.at = static_cast<std::size_t>(base + to);
  return source.at;
}

int close_nothing(thandle_t) {
  return 0;
}

toff_t size_of(thandle_t handle) {
  return source_of(handle).file.size();
}

int keep_reason(TIFF*, void* source, const char*, const char* form, va_list values) {
  auto& reason = static_cast<tiff_source*>(source)->reason;
  if (reason[0] == '\0') // the first is the cause of the others
    std::vsnprintf(reason.data(), reason.size(), form, values);
  return 1;
}

// Most warnings are about oddities; this one is about what the library then reads without: a palette becomes grey.
int heard(TIFF* tiff, void* source, const char* module, const char* form, va_list values) {
  return std::string_view(form).starts_with("IO error") ? keep_reason(tiff, source, module, form, values) : 1;
}

struct tiff_end {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using tiff_handle = std::unique_ptr<TIFF, tiff_end>;

tiff_handle open(tiff_source& source, std::size_t most_bytes) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_reason, &source);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), heard, &source);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), static_cast<tmsize_t>(most_bytes));
  // Read, not mapped: what the library reads, it has checked against the size.
  return tiff_handle(TIFFClientOpenExt("image", "rm", &source, read_bytes, write_nothing, seek, close_nothing,
                                       size_of, nullptr, nullptr, options.get()));
}

error failure(const tiff_source& source) {
  return corrupt(source.complained() ? source.reason.data() : "it is cut off or corrupt");
}

// Strips and tiles alike: rectangles that the library unpacks one by one, each sample's own if they lie apart.
struct tiff_grid {
  bool tiled = false;
  std::uint32_t width = 0; // of a rectangle
  std::uint32_t height = 0;
  std::size_t bytes = 0; // of one, of one plane
  std::size_t row_bytes = 0;
};

tiff_grid grid_of(TIFF* tiff, const tiff_layout& layout) {
  tiff_grid grid;
  grid.tiled = TIFFIsTiled(tiff) != 0;
  if (grid.tiled) {
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &grid.width);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &grid.height);
    grid.bytes = TIFFTileSize64(tiff);
    grid.row_bytes = TIFFTileRowSize64(tiff);
  } else {
    std::uint32_t rows = 0;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows);
    grid.width = layout.width;
    grid.height = std::min(rows, layout.height);
    grid.bytes = TIFFVStripSize64(tiff, grid.height);
    grid.row_bytes = TIFFScanlineSize64(tiff);
  }
  return grid;
}

result<void> read_rectangles(TIFF* tiff, tiff_source& source, const tiff_layout& layout, allowance& costs,
                             picture& to) {
  const auto grid = grid_of(tiff, layout);
  const std::size_t planes = layout.apart ? layout.samples : 1;
  if (grid.width == 0 || grid.height == 0 || grid.bytes == 0 || grid.bytes / grid.height < grid.row_bytes
      || grid.row_bytes < layout.row_bytes(grid.width))
    return failure(source);
  if (grid.bytes > costs.left() / planes)
    return costs.take(costs.left() + 1);
  CHALK_TRY(const auto scratch, taken_bytes::from(costs, grid.bytes * planes));
  std::vector<std::uint8_t> bytes(grid.bytes * planes);
  for (std::uint32_t y = 0; y < layout.height; y += grid.height)
    for (std::uint32_t x = 0; x < layout.width; x += grid.width) {
      CHALK_CHECK(costs.in_time());
      const auto rows = std::min(grid.height, layout.height - y);
      for (std::size_t plane = 0; plane < planes; ++plane) {
        auto* begin = bytes.data() + plane * grid.bytes;
        const auto sample = static_cast<std::uint16_t>(plane);
        const auto wanted = static_cast<tmsize_t>(grid.tiled ? grid.bytes : grid.row_bytes * rows);
        const auto got = grid.tiled ? TIFFReadEncodedTile(tiff, TIFFComputeTile(tiff, x, y, 0, sample), begin, wanted)
                                    : TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, y, sample), begin, wanted);
        if (got != wanted)
          return failure(source);
      }
      const auto columns = std::min(grid.width, layout.width - x);
      for (std::uint32_t row = 0; row < rows; ++row)
        layout.to_rgb(bytes.data() + row * grid.row_bytes, grid.bytes, columns,
                      to.values.data() + (std::size_t{y + row} * layout.width + x) * 3);
      if (grid.width > layout.width - x)
        break;
    }
  return {};
}

// Luma and chroma that no JPEG holds, of whatever sizes: the library's own way to pixels.
result<void> read_converted(TIFF* tiff, tiff_source& source, const tiff_layout& layout, allowance& costs,
                            picture& to) {
  const std::size_t count = std::size_t{layout.width} * layout.height;
  if (count > costs.left() / 8)
    return costs.take(costs.left() + 1);
  CHALK_TRY(const auto scratch, taken_bytes::from(costs, count * 8)); // its own strip or tile too
  std::vector<std::uint32_t> raster(count);
  constexpr int stop_on_error = 1;
  if (TIFFReadRGBAImageOriented(tiff, layout.width, layout.height, raster.data(), layout.orientation, stop_on_error)
      == 0)
    return failure(source);
  for (std::size_t i = 0; i < count; ++i) {
    to.values[i * 3] = static_cast<std::uint8_t>(TIFFGetR(raster[i]));
    to.values[i * 3 + 1] = static_cast<std::uint8_t>(TIFFGetG(raster[i]));
    to.values[i * 3 + 2] = static_cast<std::uint8_t>(TIFFGetB(raster[i]));
  }
  return costs.in_time();
}

result<page> read_page(TIFF* tiff, tiff_source& source, allowance& costs) {
  CHALK_TRY(const auto layout, tiff_layout::of(tiff));
  CHALK_TRY(auto made, costs.blank(layout.width, layout.height));
  if (layout.converted)
    CHALK_CHECK(read_converted(tiff, source, layout, costs, made));
  else
    CHALK_CHECK(read_rectangles(tiff, source, layout, costs, made));
  if (source.complained()) // and went on, with pixels made up
    return failure(source);
  return page{std::move(made), layout.orientation};
}

} // namespace

result<std::vector<page>> decode_tiff(file_bytes file, allowance& costs) {
  tiff_source source{.file = file};
  CHALK_TRY(const auto reserve, taken_bytes::from(costs, file.size())); // raw strips and directories, at most
  const auto tiff = open(source, costs.left());
  if (tiff == nullptr)
    return failure(source);
  std::vector<page> pages;
  do {
    if (pages.size() >= costs.limits().max_pages)
      return {errc::out_of_memory,
              "it has more pages than max_pages (" + std::to_string(costs.limits().max_pages) + ")"};
    CHALK_CHECK(costs.in_time());
    auto made = read_page(tiff.get(), source, costs);
    if (!made)
      return {made.error().code, "page " + std::to_string(pages.size() + 1) + ": " + made.error().message};
    pages.push_back(std::move(made).value());
    source.reason[0] = '\0';
  } while (TIFFReadDirectory(tiff.get()) != 0);
  if (source.complained()) // the next page is announced and is none
    return failure(source);
  return pages;
}

} // namespace chalkstream::image
