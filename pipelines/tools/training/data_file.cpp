#include "pipelines/tools/training/data_file.hpp"

#include <cstdint>
#include <fstream>
#include <iterator>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::uintmax_t most_bytes = std::uintmax_t{1} << 30;

} // namespace

result<std::string> read_bytes(const std::filesystem::path& file) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(file, failed);
  if (!failed && size > most_bytes)
    return error{errc::invalid_argument,
                 file.string() + ": has " + std::to_string(size) + " bytes; the limit is a gigabyte a file"};
  std::ifstream in{file, std::ios::binary};
  if (failed || !in)
    return error{errc::not_found, file.string() + ": cannot be opened"};
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad())
    return error{errc::io, file.string() + ": cannot be read"};
  return text;
}

result<std::string> read_data(const std::filesystem::path& file) {
  CHALK_TRY(auto text, read_bytes(file));
  if (text.starts_with("\xEF\xBB\xBF"))
    text.erase(0, 3);
  return text;
}

} // namespace chalkstream::pipelines::tools
