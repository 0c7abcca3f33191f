#include "pipelines/tools/training/images/cifar_file.hpp"

#include "models/text/utf8.hpp"
#include "pipelines/tools/training/data_file.hpp"

#include <sstream>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::size_t side = 32;
constexpr std::size_t plane = side * side;
constexpr std::size_t record = 1 + 3 * plane;
constexpr std::size_t classes = 10;

result<std::vector<std::string>> read_names(const std::filesystem::path& file) {
  std::vector<std::string> names;
  std::error_code none;
  if (!std::filesystem::exists(file, none)) {
    for (std::size_t i = 0; i < classes; ++i)
      names.push_back(std::to_string(i));
    return names;
  }
  CHALK_TRY(const auto text, read_data(file));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r'))
      line.pop_back();
    if (!line.empty())
      names.push_back(line);
  }
  if (names.size() != classes || !text::is_valid_utf8(text))
    return error{errc::corrupt, file.string() + ": must have ten labels, a line each, in UTF-8"};
  return names;
}

picture picture_of(std::string_view planes) {
  picture made{side, side, 3, std::vector<std::uint8_t>(3 * plane)};
  for (std::size_t i = 0; i < plane; ++i)
    for (std::size_t c = 0; c < 3; ++c)
      made.values[3 * i + c] = static_cast<std::uint8_t>(planes[c * plane + i]);
  return made;
}

} // namespace

result<cifar_pictures> read_cifar(const std::filesystem::path& file) {
  CHALK_TRY(const auto bytes, read_bytes(file));
  if (bytes.empty() || bytes.size() % record != 0)
    return error{errc::corrupt, file.string() + ": has " + std::to_string(bytes.size())
                                    + " bytes, no whole number of " + std::to_string(record)
                                    + " that each picture of CIFAR-10 has"};
  cifar_pictures made;
  for (std::size_t at = 0; at < bytes.size(); at += record) {
    const auto label = static_cast<std::uint8_t>(bytes[at]);
    if (label >= classes)
      return error{errc::corrupt, file.string() + ": picture " + std::to_string(at / record) + " has the label "
                                      + std::to_string(label) + "; CIFAR-10 has 0 to 9"};
    made.labels.push_back(label);
    made.pictures.push_back(picture_of(std::string_view(bytes).substr(at + 1, record - 1)));
  }
  CHALK_TRY(made.names, read_names(file.parent_path() / "batches.meta.txt"));
  return made;
}

} // namespace chalkstream::pipelines::tools
