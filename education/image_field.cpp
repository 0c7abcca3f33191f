#include "education/image_field.hpp"

#include "core/base64.hpp"
#include "education/json_document.hpp"

#include <algorithm>
#include <array>
#include <simdjson.h>
#include <utility>

namespace chalkstream::education {

namespace {

enum member : std::size_t { media_type, data, uri, sha256, member_count };
constexpr std::array<std::string_view, member_count> names{"media_type", "data", "uri", "sha256"};
constexpr std::array<std::size_t, member_count> longest{255, std::string_view::npos, 2048, 64};

bool is_digest(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

} // namespace

std::optional<rejection> read_file(std::string_view field, const simdjson::dom::element& value, bool has_bytes,
                                   submitted_image& out) {
  const auto full_name = [field](std::size_t at) { return std::string(field) + "." + std::string(names[at]); };
  simdjson::dom::object object;
  if (value.get_object().get(object))
    return refuse(reject_reason::wrong_type, field, "must be an object");
  std::array<std::optional<std::string_view>, member_count> found;
  std::array<bool, member_count> seen{};
  for (const auto& [name, given] : object) {
    const auto at = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
    if (at == member_count)
      continue;
    if (std::exchange(seen[at], true))
      return refuse(reject_reason::invalid_value, full_name(at), "appears twice");
    if (given.is_null())
      continue;
    std::string_view text;
    if (given.get_string().get(text))
      return refuse(reject_reason::wrong_type, full_name(at), "must be a string");
    if (text.size() > longest[at])
      return refuse(reject_reason::invalid_value, full_name(at), "is too long");
    found[at] = text;
  }
  const int sources = (found[data] ? 1 : 0) + (found[uri] ? 1 : 0) + (has_bytes ? 1 : 0);
  if (sources == 0)
    return refuse(reject_reason::missing_field, field, "needs data or uri");
  if (sources > 1)
    return refuse(reject_reason::invalid_value, field, "has more than one of data, uri and a value of its own");
  out.media_type = found[media_type].value_or("");
  out.uri = found[uri].value_or("");
  out.sha256 = found[sha256].value_or("");
  if (found[uri] && out.uri.empty())
    return refuse(reject_reason::invalid_value, full_name(uri), "is empty");
  if (found[sha256] && !is_digest(out.sha256))
    return refuse(reject_reason::invalid_value, full_name(sha256), "is not 64 hexadecimal digits in lower case");
  if (found[data]) {
    auto bytes = decode_base64(*found[data]);
    if (!bytes || bytes->empty())
      return refuse(reject_reason::invalid_value, full_name(data), "is not base64 of at least one byte");
    out.bytes = std::move(*bytes);
  }
  return std::nullopt;
}

} // namespace chalkstream::education
