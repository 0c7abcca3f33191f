#include "pipelines/file_uri.hpp"

namespace chalkstream::pipelines {

namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return static_cast<unsigned>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f')
    return static_cast<unsigned>(lower - 'a') + 10;
  return {};
}

} // namespace

std::optional<std::string> path_of_file_uri(std::string_view uri) {
  constexpr std::string_view scheme = "file://";
  constexpr std::string_view local = "localhost";
  if (!uri.starts_with(scheme))
    return {};
  uri.remove_prefix(scheme.size());
  if (uri.starts_with(local))
    uri.remove_prefix(local.size());
  if (!uri.starts_with('/'))
    return {};
  std::string path;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    if (uri[i] != '%') {
      path += uri[i];
      continue;
    }
    const auto high = i + 2 < uri.size() ? hex_digit(uri[i + 1]) : std::nullopt;
    const auto low = i + 2 < uri.size() ? hex_digit(uri[i + 2]) : std::nullopt;
    if (!high || !low || (*high == 0 && *low == 0))
      return {};
    path += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return path;
}

} // namespace chalkstream::pipelines
