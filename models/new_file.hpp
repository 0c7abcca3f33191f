// A file that appears whole or not at all: written under another name beside its place, flushed to the disk, and
// renamed into it. Whoever reads the place at any moment, after a crash too, sees the old content or the new one.
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace chalkstream::models {

class new_file {
public:
  /// Replaces what an earlier process left half-written. Two writers of one place at once are not supported.
  static result<new_file> create(const std::filesystem::path& place);

  new_file(new_file&& other) noexcept;
  new_file& operator=(new_file&&) = delete;
  /// Without commit() the place stays as it was.
  ~new_file();

  result<void> write(std::span<const std::byte> bytes);
  result<void> write(std::string_view text) { return write(std::as_bytes(std::span(text))); }

  /// Blocks until the disk has it.
  result<void> commit();

private:
  new_file(std::filesystem::path place, int descriptor);
  struct error failed(std::string_view doing) const;

  std::filesystem::path place_;
  std::filesystem::path written_;
  int descriptor_;
};

result<void> write_file(const std::filesystem::path& place, std::string_view text);

} // namespace chalkstream::models
