// A JSON file as a strict reader wants it: typed access that says where something is wrong, and a check that no key
// was overlooked. Hides the JSON library.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"

namespace chalkstream::text {

/// A value inside a json_document, which must outlive it.
class json_value {
public:
  bool is_object() const noexcept;
  bool is_array() const noexcept;
  bool is_integer() const noexcept;
  const std::string* string() const noexcept;            // null: is none
  std::optional<bool> flag() const noexcept;             // nothing: is none
  std::optional<double> number() const noexcept;         // likewise
  std::optional<std::uint64_t> natural() const noexcept; // likewise, or negative
  std::string text() const;                              // as in the file

  std::size_t size() const noexcept;                          // of an array or object
  json_value operator[](std::size_t element) const;           // of an array
  std::optional<json_value> find(std::string_view key) const; // of an object; nothing: is not there, or null
  std::vector<std::pair<std::string_view, json_value>> members() const; // of an object

private:
  friend class json_document;
  explicit json_value(const void* value) : value_(value) {}
  const void* value_;
};

class json_document {
public:
  /// `file` names it in errors. `corrupt` when it is no JSON, or nested without end.
  static result<json_document> parse(std::string_view text, const char* file);

  ~json_document();
  json_document(json_document&&) noexcept;
  json_document& operator=(json_document&&) noexcept;

  json_value root() const;

private:
  struct content;
  explicit json_document(std::unique_ptr<content> made);
  std::unique_ptr<content> content_;
};

/// Errors about tokenizer.json.
error corrupt(std::string message);
error unsupported(std::string message);

/// One object of a file. All errors are `corrupt` and name the file and the key.
class section {
public:
  /// `where` is empty for the whole file; `file` outlives the section.
  static result<section> of(json_value value, std::string where, const char* file = "tokenizer.json");

  const std::string& where() const noexcept { return where_; }

  std::optional<json_value> find(const char* key) const { return value_.find(key); }
  result<bool> flag(const char* key) const;
  result<std::string> string(const char* key) const;
  /// A string of one character.
  result<char32_t> character(const char* key) const;
  result<json_value> array(const char* key) const;
  result<json_value> object(const char* key) const;
  result<std::int64_t> number(const char* key, std::int64_t largest) const; // 0 to `largest`

  /// When the key is not there, or null: `otherwise`.
  result<bool> flag_or(const char* key, bool otherwise) const;
  result<std::string> string_or(const char* key, std::string otherwise) const;

  /// `unsupported` when there is a key besides these.
  result<void> knows(std::initializer_list<std::string_view> keys) const;

  /// An error of this section.
  error failure(errc code, const std::string& message) const;

private:
  section(json_value value, std::string where, const char* file)
      : value_(value), where_(std::move(where)), file_(file) {}
  std::string path(const char* key) const;
  result<json_value> there(const char* key) const;
  error wrong(const char* key, const char* meant) const;

  json_value value_;
  std::string where_;
  const char* file_;
};

/// A component that may be a Sequence (in `list`) of components: `each` (section, type) reads one that is not.
template <class Each>
result<void> read_components(json_value value, const std::string& where, const char* list, const Each& each) {
  CHALK_TRY(const section part, section::of(value, where));
  CHALK_TRY(const std::string type, part.string("type"));
  if (type != "Sequence")
    return each(part, type);
  CHALK_CHECK(part.knows({"type", list}));
  CHALK_TRY(const json_value parts, part.array(list));
  for (std::size_t k = 0; k < parts.size(); ++k)
    CHALK_CHECK(read_components(parts[k], where + "." + list + "[" + std::to_string(k) + "]", list, each));
  return {};
}

} // namespace chalkstream::text
