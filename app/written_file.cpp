#include "app/written_file.hpp"

#include <fstream>

namespace chalkstream::app {

result<void> write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  file << text;
  file.close();
  return file ? result<void>{} : result<void>{errc::io, path.string() + " cannot be written"};
}

} // namespace chalkstream::app
