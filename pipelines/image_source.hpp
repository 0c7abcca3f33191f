// Where the bytes of a submitted image or clip come from: the event itself, a file under one of the configured folders, or
// another machine that the configuration allows.
#pragma once

#include "core/error.hpp"
#include "core/event.hpp"
#include "core/rejection.hpp"
#include "pipelines/remote/remote_files.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace chalkstream::pipelines {

enum class submitted_kind : std::uint8_t { image, video };

class image_source {
public:
  /// No folders: no file:// URI is followed. Without `elsewhere` no other is. not_found names a folder that is not there.
  /// `kind` is what rejections speak of.
  static result<image_source> make(const std::vector<std::filesystem::path>& folders, std::size_t max_bytes,
                                   submitted_kind kind = submitted_kind::image,
                                   std::shared_ptr<const remote::remote_files> elsewhere = nullptr);

  /// Reads a file:// URI (of this machine, percent-encoded as RFC 8089 has it) whose file, links followed, is a regular one
  /// inside a folder, or fetches it from another machine; checks the size and, where the event tells it, the SHA-256,
  /// wherever the bytes came from. A rejection names no path and no address: who hands in must not learn what lies where.
  /// Blocks while it reads; task::waits_at_once should then be its own.
  std::variant<std::string, rejection> read(submitted_image image) const;

  std::size_t waits_at_once() const noexcept { return elsewhere_ ? elsewhere_->at_once() : 0; }

private:
  using bytes_or_rejection = std::variant<std::string, rejection>;

  bytes_or_rejection read_file(std::string_view path) const;
  bytes_or_rejection fetch(std::string_view uri) const;
  rejection unreachable(std::string_view why) const;
  rejection too_large() const;
  std::string noun() const { return kind_ == submitted_kind::image ? "image" : "video"; }

  std::vector<std::filesystem::path> folders_;
  std::shared_ptr<const remote::remote_files> elsewhere_;
  std::size_t max_bytes_ = 0;
  submitted_kind kind_ = submitted_kind::image;
};

} // namespace chalkstream::pipelines
