#include "pipelines/scaling/rendered_chart.hpp"

#include "pipelines/configuration/units.hpp"
#include "pipelines/configuration/yaml_tree.hpp"

#include <algorithm>
#include <initializer_list>
#include <iostream>

namespace chalkstream::pipelines {

namespace {

constexpr std::string_view file_name = "chalkstream.yaml";

std::string text_at(const yaml_node& from, std::initializer_list<std::string_view> path) {
  const auto* node = value_at(from, path);
  return node == nullptr ? std::string{} : node->text;
}

// Calls `use` with each document and the line it begins at. Documents end where Helm says so, by lines of their own.
template <class Use>
void for_each_document(std::string_view text, Use use) {
  std::size_t begin = 0, line = 1, first = 1;
  for (std::size_t at = 0; at < text.size(); ++line) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto content = text.substr(at, end - at);
    const auto next = std::min(end + 1, text.size());
    if (content == "---" || content.starts_with("--- ")) {
      use(text.substr(begin, at - begin), first);
      begin = next;
      first = line + 1;
    }
    at = next;
  }
  use(text.substr(begin), first);
}

} // namespace

result<rendered_chart> parse_rendered_chart(std::string_view text, std::string_view file) {
  if (text.size() > max_yaml_bytes)
    return error{errc::corrupt, std::string{file} + ": more than " + format_bytes(max_yaml_bytes)};
  rendered_chart found;
  std::size_t sets = 0, configurations = 0;
  std::string complaint;
  for_each_document(text, [&](std::string_view document, std::size_t line) {
    findings wrong;
    const auto tree = parse_yaml(document, wrong);
    if (!wrong.empty() && complaint.empty())
      complaint =
          std::string{file} + ":" + std::to_string(line + wrong.front().at.line - 1) + ": " + wrong.front().message;
    const auto kind = text_at(tree, {"kind"});
    if (kind == "StatefulSet") {
      ++sets;
      found.name = text_at(tree, {"metadata", "name"});
      found.space = text_at(tree, {"metadata", "namespace"});
      found.checksum = text_at(tree, {"spec", "template", "metadata", "annotations", "checksum/configuration"});
    } else if (const auto* settings = value_at(tree, {"data", file_name});
               kind == "ConfigMap" && settings != nullptr) {
      ++configurations;
      found.configuration = settings->text;
    }
  });
  if (!complaint.empty())
    return error{errc::corrupt, complaint};
  if (sets != 1 || configurations != 1)
    return error{errc::invalid_argument, std::string{file}
                                             + ": expected what `helm template` writes of one installation, "
                                               "a StatefulSet and a ConfigMap with "
                                             + std::string{file_name}};
  return found;
}

result<rendered_chart> load_rendered_chart(const std::filesystem::path& file) {
  if (file != "-") {
    CHALK_TRY(const auto text, read_yaml(file));
    return parse_rendered_chart(text, file.string());
  }
  std::string text(max_yaml_bytes + 1, '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::cin.gcount()));
  return parse_rendered_chart(text, "standard input");
}

std::string matchers_of(const rendered_chart& chart) {
  const auto pods = "pod=~\"" + chart.name + "-[0-9]+\"";
  return chart.space.empty() ? pods : "namespace=\"" + chart.space + "\"," + pods;
}

} // namespace chalkstream::pipelines
