#include "pipelines/file_uri.hpp"

#include "pipelines/percent_encoding.hpp"

namespace chalkstream::pipelines {

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
  return percent_decoded(uri);
}

} // namespace chalkstream::pipelines
