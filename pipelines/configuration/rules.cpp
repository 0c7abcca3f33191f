#include "pipelines/configuration/rules.hpp"

#include "pipelines/configuration/spelling.hpp"
#include "pipelines/configuration/units.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <span>
#include <vector>

namespace chalkstream::pipelines {

namespace {

bool letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_word(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_port(std::string_view text) {
  const auto port = parse_count(text);
  return port && *port <= 65'535;
}

text_position place_of(const yaml_node& root, std::span<const std::string_view> path) {
  const auto* node = value_at(root, path);
  return node == nullptr ? text_position{} : node->at;
}

text_position place_of(const yaml_node& root, std::initializer_list<std::string_view> path) {
  return place_of(root, std::span(path.begin(), path.size()));
}

// The way from one topic back to another, along pipelines; empty if there is none.
std::vector<std::string> way_back(const configuration& all, const std::string& from, const std::string& to) {
  std::vector<std::string> way;
  std::set<std::string> seen;
  const std::function<bool(const std::string&)> walk = [&](const std::string& topic) {
    if (!seen.insert(topic).second)
      return false;
    way.push_back(topic);
    if (topic == to)
      return true;
    for (const auto& p : all.pipelines)
      if (p.from == topic && (walk(p.to) || walk(p.dead_letters)))
        return true;
    way.pop_back();
    return false;
  };
  walk(from);
  return way;
}

} // namespace

std::string format_place(std::string_view file, text_position at) {
  return std::string(file) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

error error_of(findings wrong, std::string_view file) {
  std::stable_sort(wrong.begin(), wrong.end(), [](const finding& a, const finding& b) { return a.at < b.at; });
  std::string message;
  for (const auto& f : wrong)
    message += (message.empty() ? "" : "\n") + format_place(file, f.at) + ": " + f.message;
  return {errc::invalid_configuration, std::move(message)};
}

std::string why_no_name(std::string_view name) {
  constexpr std::size_t longest = 100;
  if (!name.empty() && name.size() <= longest && is_word(name) && letter_or_digit(name.front()))
    return {};
  return "a name has up to 100 letters, digits, '.', '_' and '-', and starts with a letter or digit";
}

std::string why_no_topic(std::string_view topic) {
  constexpr std::size_t longest = 249;
  if (!topic.empty() && topic.size() <= longest && is_word(topic) && topic != "." && topic != "..")
    return {};
  return "a topic has up to 249 letters, digits, '.', '_' and '-'";
}

std::string why_no_brokers(std::string_view brokers) {
  for (std::size_t from = 0; from <= brokers.size();) {
    const auto comma = std::min(brokers.find(',', from), brokers.size());
    auto part = brokers.substr(from, comma - from);
    from = comma + 1;
    while (part.starts_with(' '))
      part.remove_prefix(1);
    while (part.ends_with(' '))
      part.remove_suffix(1);
    const auto colon = part.rfind(':');
    if (part.find("://") != std::string_view::npos)
      return "expected host:port without a scheme (client: {security.protocol: SSL} asks for TLS), found '"
             + std::string(part) + "'";
    if (colon == std::string_view::npos || colon == 0 || !is_port(part.substr(colon + 1)) || part.ends_with(":0")) {
      const std::array words{std::string_view("embedded")};
      return "expected host:port or embedded, found '" + std::string(part) + "'" + did_you_mean(part, words);
    }
  }
  return {};
}

bool is_address(std::string_view listen) {
  const auto colon = listen.rfind(':');
  if (colon == std::string_view::npos || !is_port(listen.substr(colon + 1)))
    return false;
  const auto host = listen.substr(0, colon);
  return host.find(':') == std::string_view::npos || (host.starts_with('[') && host.ends_with(']'));
}

bool is_device(std::string_view device) {
  if (device == "cpu" || device == "cuda")
    return true;
  const auto n = device.starts_with("cuda:") ? parse_count(device.substr(5)) : std::nullopt;
  return n && *n < 64;
}

bool is_language(std::string_view tag) {
  return (tag.size() == 2 || tag.size() == 3)
         && std::all_of(tag.begin(), tag.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

std::string_view our_name_for(std::string_view property) {
  struct pair {
    std::string_view theirs;
    std::string_view ours;
  };
  constexpr std::array pairs{
      pair{"bootstrap.servers", "brokers"},
      pair{"metadata.broker.list", "brokers"},
      pair{"group.id", "group"},
      pair{"group.instance.id", "instance"},
      pair{"transactional.id", "instance"},
      pair{"session.timeout.ms", "session_timeout"},
      pair{"message.max.bytes", "max_message_bytes"},
      pair{"transaction.timeout.ms", "transaction_timeout"},
  };
  for (const auto& p : pairs)
    if (p.theirs == property)
      return p.ours;
  return {};
}

void check_topics(const yaml_node& root, const configuration& all, findings& wrong) {
  for (const auto& p : all.pipelines) {
    if (p.from.empty() || p.to.empty())
      continue;
    const auto name = "pipelines." + p.name;
    if (p.dead_letters == p.to)
      wrong.push_back({place_of(root, {"pipelines", p.name, "dead_letters"}),
                       name + ".dead_letters: dead letters must not go where the results go, '" + p.to + "'"});
    for (const auto& [key, topic] : {std::pair{"to", &p.to}, std::pair{"dead_letters", &p.dead_letters}}) {
      const auto way = way_back(all, *topic, p.from);
      if (way.empty())
        continue;
      auto told = name;
      told.append(".").append(key).append(": records would go round for ever: ").append(p.from);
      for (const auto& step : way)
        told.append(" > ").append(step);
      wrong.push_back({place_of(root, {"pipelines", p.name, key}), std::move(told)});
    }
  }
}

void check_files(const yaml_node& root, const configuration& all, findings& wrong) {
  std::error_code failed;
  for (const auto& m : all.models)
    if (const auto* at = value_at(root, {"models", m.name, "path"});
        at != nullptr && !std::filesystem::is_directory(m.path, failed))
      wrong.push_back({at->at, "models." + m.name + ".path: there is no directory '" + m.path.string() + "'"});
  for (const auto& p : all.pipelines)
    for (const auto& [key, file] : {std::pair{"catalogue", &p.catalogue}, std::pair{"material", &p.material}})
      if (const auto* at = value_at(root, {"pipelines", p.name, key});
          at != nullptr && !file->empty() && !std::filesystem::is_regular_file(*file, failed))
        wrong.push_back({at->at, "pipelines." + p.name + "." + key + ": there is no file '" + file->string() + "'"});
  for (const auto& p : all.pipelines)
    for (const auto& folder : p.image_folders)
      if (!std::filesystem::is_directory(folder, failed))
        wrong.push_back({place_of(root, {"pipelines", p.name, p.files_key(), "folders"}),
                         "pipelines." + p.name + "." + std::string(p.files_key()) + ".folders: there is no folder '"
                             + folder.string() + "'"});
  for (const auto& p : all.pipelines) {
    if (!p.remote)
      continue;
    const auto missing = [&](const std::filesystem::path& file, std::initializer_list<std::string_view> key) {
      if (std::filesystem::is_regular_file(file, failed))
        return;
      std::vector<std::string_view> way{"pipelines", p.name, p.files_key(), "remote"};
      way.insert(way.end(), key);
      std::string name;
      for (const auto part : way)
        name.append(name.empty() ? "" : ".").append(part);
      wrong.push_back({place_of(root, way), name + ": there is no file '" + file.string() + "'"});
    };
    if (p.remote->ca_file)
      missing(*p.remote->ca_file, {"ca_file"});
    if (p.remote->s3 && p.remote->s3->credentials)
      missing(*p.remote->s3->credentials, {"s3", "credentials"});
  }
  if (all.key_file && !std::filesystem::is_regular_file(*all.key_file, failed))
    wrong.push_back(
        {place_of(root, {"privacy", "key_file"}),
         "privacy.key_file: there is no file '" + all.key_file->string() + "'; leave the key out to have one made"});
}

} // namespace chalkstream::pipelines
