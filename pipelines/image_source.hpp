// Where the bytes of a submitted image or clip come from: the event itself, or a file under one of the configured
// folders.
#pragma once

#include "core/error.hpp"
#include "core/event.hpp"
#include "core/rejection.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace chalkstream::pipelines {

enum class submitted_kind : std::uint8_t { image, video };

class image_source {
public:
  /// No folders: no URI is followed. not_found names a folder that is not there. `kind` is what rejections speak of.
  static result<image_source> make(const std::vector<std::filesystem::path>& folders, std::size_t max_bytes,
                                   submitted_kind kind = submitted_kind::image);

  /// Reads a file:// URI (of this machine, percent-encoded as RFC 8089 has it) whose file, links followed, is a regular one
  /// inside a folder; checks the size and, where the event tells it, the SHA-256. A rejection names no path: who hands
  /// in must not learn what lies where. Blocks while it reads.
  std::variant<std::string, rejection> read(submitted_image image) const;

private:
  rejection unreachable(std::string_view why) const;
  std::string noun() const { return kind_ == submitted_kind::image ? "image" : "video"; }

  std::vector<std::filesystem::path> folders_;
  std::size_t max_bytes_ = 0;
  submitted_kind kind_ = submitted_kind::image;
};

} // namespace chalkstream::pipelines
