// Where the bytes of a submitted image come from: the event itself, or a file under one of the configured folders.
#pragma once

#include "core/error.hpp"
#include "core/event.hpp"
#include "core/rejection.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace chalkstream::pipelines {

class image_source {
public:
  /// No folders: no URI is followed. not_found names a folder that is not there.
  static result<image_source> make(const std::vector<std::filesystem::path>& folders, std::size_t max_bytes);

  /// Reads a file:// URI (of this machine, percent-encoded as RFC 8089 has it) whose file, links followed, is a regular one
  /// inside a folder; checks the size and, where the event tells it, the SHA-256. A rejection names no path: who hands
  /// in must not learn what lies where. Blocks while it reads.
  std::variant<std::string, rejection> read(submitted_image image) const;

private:
  std::vector<std::filesystem::path> folders_;
  std::size_t max_bytes_ = 0;
};

} // namespace chalkstream::pipelines
