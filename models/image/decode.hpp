// Files that hold images, as bytes of which nothing is believed, to pictures.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace chalkstream::image {

enum class media : std::uint8_t { jpeg, png, webp, tiff, bmp, pdf };

/// By the bytes themselves ("image/jpeg" and a name are claims); none: not one of these.
std::optional<media> media_of(std::span<const std::byte> file);

/// "image/jpeg", "application/pdf"
std::string_view media_type(media kind) noexcept;

/// What one file may cost. A file that would go over one is an error before the cost arises.
struct decode_limits {
  std::size_t max_bytes = std::size_t{32} << 20;
  /// Of one image or page, before anything is allocated for it.
  std::size_t max_pixels = 64'000'000;
  std::size_t max_pages = 20;
  /// All that decoding allocates, pages included.
  std::size_t max_memory = std::size_t{512} << 20;
  std::chrono::milliseconds max_time{10'000};
  /// Dots an inch that pages of a PDF are rendered with.
  unsigned pdf_dpi = 150;
};

/// The pages of the file (one, but of TIFF and PDF), each upright as EXIF says, RGB with 8 bits a channel: palettes
/// looked up, CMYK converted, 16 bits cut to 8 and alpha laid over white, as Pillow does it. Errors: invalid_argument
/// for what is no image, truncated or corrupt, with the reason; out_of_memory, where a limit is over, with the
/// limit's name; unsupported for what this build does not read (animations, rare compressions), by name. A PDF is
/// rendered by a child process, bounded as `limits` say. Blocks while it computes; safe from any thread.
result<std::vector<picture>> decode(std::span<const std::byte> file, const decode_limits& limits);

} // namespace chalkstream::image
