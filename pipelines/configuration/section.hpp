// Reads one mapping of the configuration, key by key. Every reader says what it expected and what it found, goes on
// with nothing, and leaves it to the caller to use a default: so one run reports everything that is wrong. Keys
// nobody asked for are reported at the end, with the one that was probably meant.
#pragma once

#include "core/clock.hpp"
#include "pipelines/configuration/yaml_tree.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chalkstream::pipelines {

class config_section {
public:
  /// `name` is empty for the whole file. A node that is no mapping is reported and read as an empty one.
  config_section(const yaml_node* node, std::string name, findings& wrong);
  /// What stands there, if anything; of any type.
  const yaml_node* take(std::string_view key);

  config_section section(std::string_view key);

  /// The entries of a mapping whose keys are the user's own.
  std::vector<const yaml_entry*> entries(std::string_view key);

  std::optional<std::string> text(std::string_view key);
  std::optional<std::vector<std::string>> text_list(std::string_view key); // a lone text is a list of one
  std::optional<std::uint64_t> count(std::string_view key, std::uint64_t least, std::uint64_t most);
  std::optional<double> number(std::string_view key, double least, double most);
  std::optional<double> share(std::string_view key) { return number(key, 0, 1); }
  std::optional<bool> flag(std::string_view key); // true or false
  std::optional<duration> time(std::string_view key, duration least, duration most);
  std::optional<std::uint64_t> bytes(std::string_view key, std::uint64_t least, std::uint64_t most);
  std::optional<std::size_t> choice(std::string_view key, std::initializer_list<std::string_view> words);

  /// close() reports `key` if it is absent and no misspelt key looks like it; `what` explains it ("the topic to
  /// read").
  void require(std::string_view key, std::string_view what);

  /// Reports what is wrong with a value, at its place.
  void complain(std::string_view key, std::string message);

  bool has(std::string_view key) const { return find(key) != nullptr; }
  const std::string& name() const noexcept { return name_; }
  /// Where its value stands; where the section stands if it is absent.
  text_position where(std::string_view key) const;
  text_position where() const noexcept { return at_; }

  /// "kafka.group"
  std::string name_of(std::string_view key) const;

  /// Says which keys belong elsewhere: `key` is known, but not here.
  void foreign(std::string_view key, std::string message);

  /// Reports every key nobody took and every required one that is absent.
  void close();

private:
  const yaml_entry* find(std::string_view key) const;
  const yaml_node* plain(std::string_view key, std::string_view expected);
  void expected(std::string_view key, std::string_view what);

  const yaml_node* node_ = nullptr; // null: nothing to read
  text_position at_;
  std::string name_;
  findings* wrong_;
  bool unreadable_ = false; // reported as a whole
  std::vector<std::string_view> known_;
  std::vector<std::string_view> foreign_;
  std::vector<std::pair<std::string_view, std::string>> required_;
};

/// "a list", "'5'", … : what a complaint says it found. Long or unprintable text is cut or escaped.
std::string describe_found(const yaml_node& node);

} // namespace chalkstream::pipelines
