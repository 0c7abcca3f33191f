// A YAML file as a tree that remembers where everything stood, so that every complaint about it can name line and
// column. Stricter than YAML: one document, text keys, no key twice, no anchors or aliases, bounded size and depth.
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines {

/// Counted from 1.
struct text_position {
  std::size_t line = 1;
  std::size_t column = 1;

  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the comparison's zero for a pointer
  friend auto operator<=>(const text_position&, const text_position&) = default;
};

/// Something wrong at a place.
struct finding {
  text_position at;
  std::string message;
};
using findings = std::vector<finding>;

enum class yaml_kind : std::uint8_t { null, text, list, mapping };

struct yaml_entry;

struct yaml_node {
  yaml_kind kind = yaml_kind::null;
  text_position at;
  std::string text;
  /// Written in quotes: never a number, a duration or a null.
  bool quoted = false;
  std::vector<yaml_node> items;
  std::vector<yaml_entry> entries; // in the file's order; a key that comes twice keeps its first value
};

struct yaml_entry {
  std::string key;
  text_position at;
  yaml_node value;
};

inline constexpr std::size_t max_yaml_bytes = 1 << 20;

/// The file's text, a byte over max_yaml_bytes at most. not_found or io, with the file's name.
result<std::string> read_yaml(const std::filesystem::path& file);

/// What can be read of `text`; what is wrong with it as YAML is added to `wrong`.
yaml_node parse_yaml(std::string_view text, findings& wrong);

/// What stands under these keys, one inside the other; null if one of them is missing.
const yaml_node* value_at(const yaml_node& root, std::span<const std::string_view> path);
const yaml_node* value_at(const yaml_node& root, std::initializer_list<std::string_view> path);

} // namespace chalkstream::pipelines
