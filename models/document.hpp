// A JSON document as a plain value, for configuration and weight headers that come from strangers: depth, size and
// node count are bounded, duplicate keys are errors, and nothing is converted silently. RFC 8259.
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace chalkstream::models {

class json_value {
public:
  using array = std::vector<json_value>;
  using object = std::vector<std::pair<std::string, json_value>>;

  json_value() = default;
  template <class T>
  explicit json_value(T content) : content_(std::move(content)) {}

  bool is_null() const noexcept { return std::holds_alternative<std::nullptr_t>(content_); }

  /// The value if it is of that kind, else null. A non-negative integer is always `std::uint64_t`.
  template <class T>
  const T* as() const noexcept {
    return std::get_if<T>(&content_);
  }
  template <class T>
  T* as() noexcept {
    return std::get_if<T>(&content_);
  }

  /// The member of that name, or null if there is none or this is not an object. Linear in the number of members.
  const json_value* find(std::string_view name) const noexcept;

private:
  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, array, object> content_;
};

struct json_limits {
  std::size_t bytes = 16u << 20;
  std::size_t depth = 32;
  std::size_t nodes = 1u << 20;
};

/// Errors are `corrupt` and say at which byte; they never quote the document.
result<json_value> parse_json(std::string_view text, const json_limits& limits = {});

/// A file whole. not_found if there is none, `corrupt` for one of more than `most` bytes; messages start with its
/// name.
result<std::string> read_text(const std::filesystem::path& file, std::size_t most = json_limits{}.bytes);

/// Reads and parses a file. not_found if there is none; every message starts with the file's name.
result<json_value> read_json(const std::filesystem::path& file, const json_limits& limits = {});

/// Members of a configuration object. A missing or null member gives the fallback; a wrong type is an
/// invalid_configuration error naming file and member.
class settings {
public:
  settings(std::string file, const json_value& object) : file_(std::move(file)), object_(object) {}

  result<std::uint64_t> whole_number(std::string_view name, std::optional<std::uint64_t> fallback) const;
  result<double> number(std::string_view name, std::optional<double> fallback) const;
  result<bool> flag(std::string_view name, bool fallback) const;
  result<std::string> text(std::string_view name, std::optional<std::string> fallback) const;
  const json_value* find(std::string_view name) const noexcept { return object_.find(name); }
  const std::string& file() const noexcept { return file_; }

private:
  struct error wrong(std::string_view name, std::string_view meant) const;
  const json_value* present(std::string_view name) const noexcept;

  std::string file_;
  const json_value& object_;
};

} // namespace chalkstream::models
