#include "education/known_field.hpp"

#include "education/characters.hpp"
#include "education/json_document.hpp"
#include "education/timestamp.hpp"

#include <algorithm>
#include <bitset>
#include <simdjson.h>
#include <utility>

namespace chalkstream::education {

maybe_rejection collect_fields(simdjson::dom::object object, std::span<const std::string_view> names,
                               std::span<maybe_element> values) {
  std::bitset<64> seen;
  for (auto [name, value] : object) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
      continue;
    const auto i = static_cast<std::size_t>(found - names.begin());
    if (seen[i])
      return refuse(reject_reason::invalid_value, names[i], "appears twice");
    seen[i] = true;
    if (!value.is_null())
      values[i] = value;
  }
  return std::nullopt;
}

maybe_rejection read_string(std::string_view name, const maybe_element& value, std::string_view& out) {
  if (value && value->get_string().get(out))
    return refuse(reject_reason::wrong_type, name, "must be a string");
  return std::nullopt;
}

maybe_rejection read_id(std::string_view name, const maybe_element& value, bool required, std::string_view& out) {
  if (required && !value)
    return refuse(reject_reason::missing_field, name, "is required");
  if (auto refused = read_string(name, value, out))
    return refused;
  if (required && is_blank(out))
    return refuse(reject_reason::invalid_value, name, "is empty");
  if (out.size() > max_id_bytes)
    return refuse(reject_reason::invalid_value, name, "is longer than 512 bytes");
  if (std::any_of(out.begin(), out.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return refuse(reject_reason::invalid_value, name, "holds control characters");
  return std::nullopt;
}

maybe_rejection read_time(std::string_view name, const maybe_element& value, std::optional<wall_time>& out) {
  std::string_view written;
  if (auto refused = read_string(name, value, written))
    return refused;
  if (value && !(out = parse_timestamp(written)))
    return refuse(reject_reason::invalid_value, name, "is not an RFC 3339 time with an offset");
  return std::nullopt;
}

maybe_rejection read_number(std::string_view name, const maybe_element& value, double least, double most,
                            std::string_view bounds, std::optional<double>& out) {
  if (!value)
    return std::nullopt;
  double number = 0;
  if (value->get_double().get(number))
    return refuse(reject_reason::wrong_type, name, "must be a number");
  if (!(number >= least && number <= most)) // a NaN is neither
    return refuse(reject_reason::invalid_value, name, bounds);
  out = number + 0.0; // -0 becomes 0
  return std::nullopt;
}

} // namespace chalkstream::education
