#include "pipelines/remote/remote_address.hpp"

#include "pipelines/percent_encoding.hpp"

#include <algorithm>
#include <charconv>

namespace chalkstream::pipelines::remote {

namespace {

constexpr std::uint16_t https_port = 443;
constexpr std::uint16_t http_port = 80;
constexpr std::size_t longest_host = 253;
constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_key = 1024;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_lower_or_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z');
}

bool is_one_of(char c, std::string_view characters) {
  return characters.find(c) != std::string_view::npos;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// A name of letters, digits and hyphens, or four numbers: then it must be what every reader takes for the same IPv4
/// address, since 0x7f.1 and 2130706433 are 127.0.0.1 to some.
bool is_host(std::string_view host) {
  if (host.empty() || host.size() > longest_host)
    return false;
  std::size_t labels = 0;
  bool last_is_number = false;
  bool all_are_bytes = true;
  for (std::size_t from = 0; from <= host.size();) {
    const auto dot = std::min(host.find('.', from), host.size());
    const auto label = host.substr(from, dot - from);
    if (label.empty() || label.size() > longest_label || label.front() == '-' || label.back() == '-'
        || !std::ranges::all_of(label, [](char c) { return is_lower_or_digit(c) || c == '-'; }))
      return false;
    last_is_number = std::ranges::all_of(label, is_digit) || label.starts_with("0x");
    unsigned value = 0;
    const auto read = std::from_chars(label.data(), label.data() + label.size(), value);
    all_are_bytes = all_are_bytes && read.ec == std::errc{} && read.ptr == label.data() + label.size() && value < 256
                    && (label.size() == 1 || label.front() != '0');
    ++labels;
    from = dot + 1;
  }
  return !last_is_number || (all_are_bytes && labels == 4);
}

bool is_bucket(std::string_view name) {
  return name.size() >= 3 && name.size() <= longest_label && is_lower_or_digit(name.front())
         && is_lower_or_digit(name.back()) && name.find("..") == std::string_view::npos
         && std::ranges::all_of(name, [](char c) { return is_lower_or_digit(c) || c == '-' || c == '.'; });
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// Each part between slashes says something, and nothing of going up. The last may be empty, as in "/".
bool has_plain_segments(std::string_view path) {
  for (std::size_t from = 0; from <= path.size();) {
    const auto slash = std::min(path.find('/', from), path.size());
    const auto segment = path.substr(from, slash - from);
    if (segment == "." || segment == ".." || (segment.empty() && slash < path.size())
        || segment.find('\\') != std::string_view::npos || std::ranges::any_of(segment, is_control))
      return false;
    from = slash + 1;
  }
  return true;
}

/// "host[:port]" into its two parts; lower-cases the host.
bool read_authority(std::string_view text, std::uint16_t usual_port, std::string& host, std::uint16_t& port) {
  const auto colon = text.find(':');
  host = text.substr(0, colon);
  std::ranges::transform(host, host.begin(), lower);
  port = usual_port;
  if (colon != std::string_view::npos) {
    const auto digits = text.substr(colon + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (digits.empty() || digits.front() == '0' || read.ec != std::errc{}
        || read.ptr != digits.data() + digits.size())
      return false;
  }
  return is_host(host);
}

std::optional<remote_address> parse_https(std::string_view rest) {
  remote_address made;
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos || !read_authority(rest.substr(0, slash), https_port, made.host, made.port))
    return {};
  const auto target = rest.substr(slash);
  constexpr std::string_view plain = "-._~!$&'()*+,;=:@/%";
  const auto mark = target.find('?');
  for (std::size_t i = 0; i < target.size(); ++i)
    if (!is_lower_or_digit(lower(target[i])) && !is_one_of(target[i], plain) && (target[i] != '?' || i < mark))
      return {};
  const auto path = target.substr(0, mark);
  auto decoded = percent_decoded(path);
  if (!decoded || !percent_decoded(target) || std::ranges::count(*decoded, '/') != std::ranges::count(path, '/')
      || !has_plain_segments(std::string_view(*decoded).substr(1)))
    return {};
  made.path = std::move(*decoded);
  made.target = target;
  return made;
}

std::optional<remote_address> parse_s3(std::string_view rest) {
  remote_address made;
  made.scheme = remote_scheme::s3;
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos || !is_bucket(rest.substr(0, slash)))
    return {};
  made.host = rest.substr(0, slash);
  made.path = rest.substr(slash + 1);
  if (made.path.empty() || made.path.size() > longest_key || !has_plain_segments(made.path))
    return {};
  made.target = percent_encoded(made.path);
  return made;
}

bool begins_with_segments(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix)
         && (prefix.empty() || prefix.ends_with('/') || path.size() == prefix.size() || path[prefix.size()] == '/');
}

} // namespace

std::optional<remote_address> parse_remote_address(std::string_view uri) {
  constexpr std::string_view https = "https://";
  constexpr std::string_view s3 = "s3://";
  if (uri.starts_with(https))
    return parse_https(uri.substr(https.size()));
  if (uri.starts_with(s3))
    return parse_s3(uri.substr(s3.size()));
  return {};
}

result<allowed_place> parse_allowed_host(std::string_view text) {
  allowed_place made;
  const auto slash = std::min(text.find('/'), text.size());
  made.prefix = text.substr(slash);
  if (made.prefix == "/")
    made.prefix.clear();
  if (!read_authority(text.substr(0, slash), https_port, made.host, made.port)
      || (!made.prefix.empty() && !has_plain_segments(std::string_view(made.prefix).substr(1))))
    return error{errc::invalid_configuration,
                 "expected host, host:port or host/path, without a scheme, found '" + std::string(text) + "'"};
  return made;
}

result<allowed_place> parse_allowed_bucket(std::string_view text) {
  allowed_place made;
  const auto slash = std::min(text.find('/'), text.size());
  made.host = text.substr(0, slash);
  made.prefix = text.substr(std::min(slash + 1, text.size()));
  if (!is_bucket(made.host) || !has_plain_segments(made.prefix))
    return error{errc::invalid_configuration,
                 "expected a bucket's name, or bucket/key prefix, without a scheme, found '" + std::string(text)
                     + "'"};
  return made;
}

std::string format_allowed_place(const allowed_place& place) {
  const bool is_path = place.prefix.empty() || place.prefix.front() == '/';
  return place.host + (place.port == https_port ? "" : ":" + std::to_string(place.port)) + (is_path ? "" : "/")
         + place.prefix;
}

bool lies_in(const remote_address& file, std::span<const allowed_place> places) {
  return std::ranges::any_of(places, [&](const allowed_place& place) {
    return file.host == place.host && file.port == place.port && begins_with_segments(file.path, place.prefix);
  });
}

result<service_endpoint> parse_endpoint(std::string_view text) {
  service_endpoint made;
  constexpr std::string_view http = "http://";
  constexpr std::string_view https = "https://";
  made.plain = text.starts_with(http);
  auto rest = text.substr(made.plain ? http.size() : text.starts_with(https) ? https.size() : 0);
  if (rest.ends_with('/'))
    rest.remove_suffix(1);
  if (rest.size() + 1 >= text.size()
      || !read_authority(rest, made.plain ? http_port : https_port, made.host, made.port))
    return error{errc::invalid_configuration,
                 "expected https://host or https://host:port, without a path, found '" + std::string(text) + "'"};
  return made;
}

std::string format_endpoint(const service_endpoint& endpoint) {
  const bool usual = endpoint.port == (endpoint.plain ? http_port : https_port);
  return (endpoint.plain ? "http://" : "https://") + endpoint.host
         + (usual ? "" : ":" + std::to_string(endpoint.port));
}

} // namespace chalkstream::pipelines::remote
