#include "models/text/json_section.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "models/text/utf8.hpp"

namespace chalkstream::text {

namespace {

using json = nlohmann::json;

constexpr int max_depth = 64;

struct too_deep {};

const json& in(const void* value) {
  return *static_cast<const json*>(value);
}

} // namespace

struct json_document::content {
  json value;
};

json_document::json_document(std::unique_ptr<content> made) : content_(std::move(made)) {}
json_document::~json_document() = default;
json_document::json_document(json_document&&) noexcept = default;
json_document& json_document::operator=(json_document&&) noexcept = default;

result<json_document> json_document::parse(std::string_view text, const char* file) {
  const auto shallow = [](int depth, json::parse_event_t, json&) {
    if (depth > max_depth)
      throw too_deep{};
    return true;
  };
  // The JSON library reports by exception; this is where they stop.
  try {
    auto made = std::make_unique<content>();
    made->value = json::parse(text.begin(), text.end(), shallow);
    return json_document(std::move(made));
  } catch (const too_deep&) {
    return {errc::corrupt, std::string(file) + ": nested more than " + std::to_string(max_depth) + " deep"};
  } catch (const json::exception&) {
    return {errc::corrupt, std::string(file) + ": is not valid JSON"};
  }
}

json_value json_document::root() const {
  return json_value(&content_->value);
}

bool json_value::is_object() const noexcept {
  return in(value_).is_object();
}
bool json_value::is_array() const noexcept {
  return in(value_).is_array();
}
bool json_value::is_integer() const noexcept {
  return in(value_).is_number_integer();
}
const std::string* json_value::string() const noexcept {
  return in(value_).get_ptr<const std::string*>();
}
std::optional<bool> json_value::flag() const noexcept {
  return in(value_).is_boolean() ? std::optional(in(value_).get<bool>()) : std::nullopt;
}
std::optional<double> json_value::number() const noexcept {
  return in(value_).is_number() ? std::optional(in(value_).get<double>()) : std::nullopt;
}
std::optional<std::uint64_t> json_value::natural() const noexcept {
  return in(value_).is_number_unsigned() ? std::optional(in(value_).get<std::uint64_t>()) : std::nullopt;
}
std::string json_value::text() const {
  return in(value_).dump();
}
std::size_t json_value::size() const noexcept {
  return in(value_).size();
}
json_value json_value::operator[](std::size_t element) const {
  return json_value(&in(value_)[element]);
}

std::optional<json_value> json_value::find(std::string_view key) const {
  const auto at = in(value_).find(key);
  return at == in(value_).end() || at->is_null() ? std::nullopt : std::optional(json_value(&*at));
}

std::vector<std::pair<std::string_view, json_value>> json_value::members() const {
  std::vector<std::pair<std::string_view, json_value>> all;
  all.reserve(size());
  for (auto at = in(value_).begin(); at != in(value_).end(); ++at)
    all.emplace_back(at.key(), json_value(&*at));
  return all;
}

error corrupt(std::string message) {
  return {errc::corrupt, "tokenizer.json: " + std::move(message)};
}
error unsupported(std::string message) {
  return {errc::unsupported, "tokenizer.json: " + std::move(message)};
}

result<section> section::of(json_value value, std::string where, const char* file) {
  section made(value, std::move(where), file);
  if (!value.is_object())
    return made.failure(errc::corrupt, (made.where_.empty() ? "the file" : made.where_) + " is not an object");
  return made;
}

error section::failure(errc code, const std::string& message) const {
  return {code, std::string(file_) + ": " + message};
}

std::string section::path(const char* key) const {
  return where_.empty() ? key : where_ + "." + key;
}

error section::wrong(const char* key, const char* meant) const {
  return failure(errc::corrupt, path(key) + " is not " + meant);
}

result<json_value> section::there(const char* key) const {
  const auto at = find(key);
  if (!at)
    return failure(errc::corrupt, path(key) + " is missing");
  return *at;
}

result<bool> section::flag(const char* key) const {
  CHALK_TRY(const json_value at, there(key));
  const auto value = at.flag();
  return value ? result<bool>(*value) : wrong(key, "true or false");
}

result<std::string> section::string(const char* key) const {
  CHALK_TRY(const json_value at, there(key));
  const std::string* value = at.string();
  return value != nullptr ? result<std::string>(*value) : wrong(key, "a string");
}

result<char32_t> section::character(const char* key) const {
  CHALK_TRY(const std::string value, string(key));
  if (count_code_points(value) != 1)
    return wrong(key, "one character");
  const char* at = value.data();
  return decode_utf8(at);
}

result<json_value> section::array(const char* key) const {
  CHALK_TRY(const json_value at, there(key));
  return at.is_array() ? result<json_value>(at) : wrong(key, "an array");
}

result<json_value> section::object(const char* key) const {
  CHALK_TRY(const json_value at, there(key));
  return at.is_object() ? result<json_value>(at) : wrong(key, "an object");
}

result<std::int64_t> section::number(const char* key, std::int64_t largest) const {
  CHALK_TRY(const json_value at, there(key));
  if (!at.is_integer())
    return wrong(key, "a whole number");
  const auto value = at.natural();
  if (!value || *value > static_cast<std::uint64_t>(largest))
    return failure(errc::corrupt, path(key) + " is out of range");
  return static_cast<std::int64_t>(*value);
}

result<bool> section::flag_or(const char* key, bool otherwise) const {
  return find(key) ? flag(key) : result<bool>(otherwise);
}

result<std::string> section::string_or(const char* key, std::string otherwise) const {
  return find(key) ? string(key) : result<std::string>(std::move(otherwise));
}

result<void> section::knows(std::initializer_list<std::string_view> keys) const {
  for (const auto& [key, unused] : value_.members())
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      return failure(errc::unsupported, (where_.empty() ? "the file" : where_)
                                            + " has a key this build does not know: " + std::string(key));
  return {};
}

} // namespace chalkstream::text
