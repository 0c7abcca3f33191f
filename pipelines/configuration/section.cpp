#include "pipelines/configuration/section.hpp"

#include "pipelines/configuration/spelling.hpp"
#include "pipelines/configuration/units.hpp"

#include <algorithm>
#include <charconv>

namespace chalkstream::pipelines {

namespace {

std::string printable(std::string_view text) {
  constexpr std::size_t shown = 60;
  std::string all;
  for (const char c : text.substr(0, shown))
    all += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return text.size() > shown ? all + "..." : all;
}

std::string one_of(std::initializer_list<std::string_view> words) {
  std::string all;
  std::size_t left = words.size();
  for (const auto w : words) {
    all += w;
    --left;
    all += left > 1 ? ", " : left == 1 ? " or " : "";
  }
  return all;
}

} // namespace

std::string describe_found(const yaml_node& node) {
  switch (node.kind) {
  case yaml_kind::null:
    return "nothing";
  case yaml_kind::list:
    return "a list";
  case yaml_kind::mapping:
    return "a mapping";
  case yaml_kind::text:
    break;
  }
  return "'" + printable(node.text) + "'";
}

config_section::config_section(const yaml_node* node, std::string name, findings& wrong)
    : name_(std::move(name)), wrong_(&wrong) {
  if (node == nullptr)
    return;
  at_ = node->at;
  if (node->kind == yaml_kind::mapping)
    node_ = node;
  unreadable_ = node_ == nullptr && node->kind != yaml_kind::null;
  if (unreadable_)
    wrong.push_back(
        {at_, (name_.empty() ? "the file" : name_) + ": expected keys and values, found " + describe_found(*node)});
}

const yaml_entry* config_section::find(std::string_view key) const {
  if (node_ == nullptr)
    return nullptr;
  const auto at =
      std::find_if(node_->entries.begin(), node_->entries.end(), [key](const yaml_entry& e) { return e.key == key; });
  return at == node_->entries.end() ? nullptr : &*at;
}

std::string config_section::name_of(std::string_view key) const {
  return name_.empty() ? std::string(key) : name_ + "." + std::string(key);
}

text_position config_section::where(std::string_view key) const {
  const auto* entry = find(key);
  return entry == nullptr ? at_ : entry->value.at;
}

const yaml_node* config_section::take(std::string_view key) {
  known_.push_back(key);
  const auto* entry = find(key);
  return entry == nullptr ? nullptr : &entry->value;
}

config_section config_section::section(std::string_view key) {
  const auto* node = take(key);
  config_section inner(node, name_of(key), *wrong_);
  if (node == nullptr)
    inner.at_ = at_;
  return inner;
}

std::vector<const yaml_entry*> config_section::entries(std::string_view key) {
  std::vector<const yaml_entry*> all;
  const auto inner = section(key);
  if (inner.node_ != nullptr)
    for (const auto& e : inner.node_->entries)
      all.push_back(&e);
  return all;
}

void config_section::complain(std::string_view key, std::string message) {
  wrong_->push_back({where(key), name_of(key) + ": " + std::move(message)});
}

void config_section::expected(std::string_view key, std::string_view what) {
  complain(key, "expected " + std::string(what) + ", found " + describe_found(find(key)->value));
}

void config_section::require(std::string_view key, std::string_view what) {
  if (!has(key))
    required_.emplace_back(key, what);
}

const yaml_node* config_section::plain(std::string_view key, std::string_view what) {
  const auto* node = take(key);
  if (node == nullptr)
    return nullptr;
  if (node->kind == yaml_kind::text && !node->text.empty())
    return node;
  expected(key, what);
  return nullptr;
}

std::optional<std::string> config_section::text(std::string_view key) {
  const auto* node = plain(key, "text");
  return node == nullptr ? std::nullopt : std::optional(node->text);
}

std::optional<std::vector<std::string>> config_section::text_list(std::string_view key) {
  const auto* node = take(key);
  if (node == nullptr)
    return {};
  if (node->kind == yaml_kind::text && !node->text.empty())
    return std::vector{node->text};
  std::vector<std::string> all;
  for (const auto& item : node->items)
    if (item.kind == yaml_kind::text && !item.text.empty())
      all.push_back(item.text);
  if (node->kind == yaml_kind::list && all.size() == node->items.size())
    return all;
  expected(key, "text or a list of texts");
  return {};
}

std::optional<std::uint64_t> config_section::count(std::string_view key, std::uint64_t least, std::uint64_t most) {
  const auto what = "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  const auto* node = plain(key, what);
  if (node == nullptr)
    return {};
  const auto value = node->quoted ? std::nullopt : parse_count(node->text);
  if (value && *value >= least && *value <= most)
    return value;
  expected(key, what);
  return {};
}

std::optional<double> config_section::number(std::string_view key, double least, double most) {
  const auto what = "a number from " + format_number(least) + " to " + format_number(most);
  const auto* node = plain(key, what);
  if (node == nullptr)
    return {};
  double value = 0;
  const auto& t = node->text;
  const auto [end, failed] = std::from_chars(t.data(), t.data() + t.size(), value, std::chars_format::fixed);
  if (!node->quoted && failed == std::errc{} && end == t.data() + t.size() && value >= least && value <= most)
    return value;
  expected(key, what);
  return {};
}

std::optional<bool> config_section::flag(std::string_view key) {
  const auto which = choice(key, {"false", "true"});
  return which ? std::optional(*which == 1) : std::nullopt;
}

std::optional<duration> config_section::time(std::string_view key, duration least, duration most) {
  constexpr auto what = "a duration such as 100ms, 5s or 2m";
  const auto* node = plain(key, what);
  if (node == nullptr)
    return {};
  const auto value = parse_duration(node->text);
  if (!value) {
    expected(key, what);
    return {};
  }
  if (*value >= least && *value <= most)
    return value;
  expected(key, "a duration from " + format_duration(least) + " to " + format_duration(most));
  return {};
}

std::optional<std::uint64_t> config_section::bytes(std::string_view key, std::uint64_t least, std::uint64_t most) {
  constexpr auto what = "a size such as 64MiB, 16MB or 4096";
  const auto* node = plain(key, what);
  if (node == nullptr)
    return {};
  const auto value = parse_bytes(node->text);
  if (!value) {
    expected(key, what);
    return {};
  }
  if (*value >= least && *value <= most)
    return value;
  expected(key, "a size from " + format_bytes(least) + " to " + format_bytes(most));
  return {};
}

std::optional<std::size_t> config_section::choice(std::string_view key,
                                                  std::initializer_list<std::string_view> words) {
  const auto* node = plain(key, one_of(words));
  if (node == nullptr)
    return {};
  const auto at = std::find(words.begin(), words.end(), node->text);
  if (at != words.end())
    return static_cast<std::size_t>(at - words.begin());
  complain(key, "expected " + one_of(words) + ", found " + describe_found(*node)
                    + did_you_mean(node->text, {words.begin(), words.size()}));
  return {};
}

void config_section::foreign(std::string_view key, std::string message) {
  if (const auto* entry = find(key)) {
    wrong_->push_back({entry->at, name_ + ": " + std::move(message)});
    foreign_.emplace_back(key);
  }
}

void config_section::close() {
  if (unreadable_)
    return;
  std::vector<std::string_view> free; // a key that is there already is not what was meant
  for (const auto k : known_)
    if (!has(k))
      free.push_back(k);
  std::vector<std::string_view> misspelt;
  if (node_ != nullptr)
    for (const auto& e : node_->entries) {
      if (std::find(known_.begin(), known_.end(), e.key) != known_.end()
          || std::find(foreign_.begin(), foreign_.end(), e.key) != foreign_.end())
        continue;
      misspelt.push_back(nearest(e.key, free).value_or(""));
      wrong_->push_back({e.at, "unknown key '" + printable(e.key) + "'" + (name_.empty() ? "" : " in " + name_)
                                   + did_you_mean(e.key, free)});
    }
  for (const auto& [key, what] : required_)
    if (std::find(misspelt.begin(), misspelt.end(), key) == misspelt.end())
      wrong_->push_back(
          {at_, (name_.empty() ? "" : name_ + ": ") + "'" + std::string(key) + "' is missing (" + what + ")"});
}

} // namespace chalkstream::pipelines
