#include "education/image_record.hpp"

#include "education/json_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <vector>

namespace chalkstream::education {

namespace {

constexpr std::string_view prefix = "ce_";
constexpr std::string_view content_type = "content-type";
constexpr std::string_view sha256 = "sha256";
// CloudEvents' own attributes say what kind of message it is, not what the event is.
constexpr std::array<std::string_view, 5> attributes{"specversion", "type", "source", "subject", "dataschema"};
constexpr std::array<std::string_view, 2> numbers{"attempt", "max_score"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view value_of(const record& input, std::string_view name) {
  for (const auto& header : input.headers)
    if (header.name == name && header.value)
      return *header.value;
  return {};
}

void write_field(json_writer& json, std::string_view name, std::string_view value) {
  json.key(name);
  double number = 0;
  const auto* end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, number);
  if (!is_one_of(name, numbers) || read.ec != std::errc{} || read.ptr != end || !std::isfinite(number))
    json.string(value); // of a number, the decoder says what it must be
  else if (number >= 0 && number < 1e15 && number == std::floor(number))
    json.number(static_cast<std::uint64_t>(number));
  else
    json.number(number);
}

bool is_video(std::string_view media_type) {
  return media_type.starts_with("video/");
}

} // namespace

bool is_file_record(const record& input) {
  const auto type = value_of(input, content_type);
  return is_video(type) || type.starts_with("image/") || type.starts_with("application/pdf");
}

std::string event_of_file_record(const record& input) {
  const std::string_view type = is_video(value_of(input, content_type)) ? "video" : "image";
  std::string event;
  std::vector<std::string_view> digests; // of the file, not of the event
  json_writer json{event};
  json.begin_object().key("type").string(type);
  for (const auto& header : input.headers) {
    if (!header.name.starts_with(prefix) || !header.value)
      continue;
    const auto name = header.name.substr(prefix.size());
    if (name == "time")
      write_field(json, "occurred_at", *header.value);
    else if (name == sha256)
      digests.push_back(*header.value);
    else if (!is_one_of(name, attributes))
      write_field(json, name, *header.value);
  }
  json.key(type).begin_object().key("media_type").string(value_of(input, content_type));
  for (const auto digest : digests)
    json.key(sha256).string(digest);
  json.end_object().end_object();
  return event;
}

} // namespace chalkstream::education
