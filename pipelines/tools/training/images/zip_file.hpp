// Zip archives, for reading: entries that are stored or deflated, as APPNOTE.TXT 6.3 has them; no Zip64, no
// encryption. The archive is hostile: every size and place is held against the file, and nothing is allocated beyond
// a limit.
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines::tools {

bool looks_like_zip(std::string_view start);

class zip_file {
public:
  struct entry {
    std::string name;
    std::uint32_t crc = 0;
    std::size_t packed = 0;
    std::size_t size = 0;
    std::size_t header = 0; // where its local header is
    std::uint16_t method = 0;
    std::uint16_t flags = 0;

    bool is_folder() const { return name.ends_with('/'); }
  };

  /// Reads the whole file and its directory. `corrupt` says what is wrong; `unsupported` what this does not read.
  static result<zip_file> open(const std::filesystem::path& file);

  const std::vector<entry>& entries() const noexcept { return entries_; }

  /// The entry's bytes, held against their checksum. Errors name file and entry; more than `most` bytes are refused
  /// before anything is allocated.
  result<std::string> read(const entry& what, std::size_t most) const;

private:
  zip_file(std::filesystem::path file, std::string bytes) : file_(std::move(file)), bytes_(std::move(bytes)) {}
  result<void> read_directory();
  struct error wrong(const std::string& what) const;

  std::filesystem::path file_;
  std::string bytes_;
  std::vector<entry> entries_;
};

} // namespace chalkstream::pipelines::tools
