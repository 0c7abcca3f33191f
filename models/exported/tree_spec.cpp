#include "models/exported/tree_spec.hpp"

#include "models/document.hpp"

namespace chalkstream::models {
namespace {

// A dictionary's keys are a list in a text of their own; a tuple has "null" there.
std::vector<std::string> keys_of(const json_value& node) {
  std::vector<std::string> keys;
  const auto* context = node.find("context");
  const auto* text = context == nullptr ? nullptr : context->as<std::string>();
  const auto list = text == nullptr ? result<json_value>(json_value()) : parse_json(*text);
  const auto* names = list ? list->as<json_value::array>() : nullptr;
  if (names != nullptr)
    for (const auto& name : *names)
      keys.push_back(name.as<std::string>() == nullptr ? std::string() : *name.as<std::string>());
  return keys;
}

// Bounded: parse_json refuses what is nested deeper than its limit.
result<void> add_leaves(const json_value& node, const std::string& name, std::vector<std::string>& leaves) {
  const auto* type = node.find("type");
  const auto* children = node.find("children_spec");
  const auto* list = children == nullptr ? nullptr : children->as<json_value::array>();
  if (type == nullptr || list == nullptr)
    return {errc::corrupt, "the package does not describe its tensors as a tree"};
  if (type->is_null()) {
    leaves.push_back(name);
    return {};
  }
  const auto keys = keys_of(node);
  for (std::size_t i = 0; i < list->size(); ++i)
    CHALK_CHECK(add_leaves((*list)[i], i < keys.size() ? keys[i] : std::string(), leaves));
  return {};
}

} // namespace

result<std::vector<std::string>> leaf_names(std::string_view json) {
  CHALK_TRY(const auto root, parse_json(json));
  const auto* pair = root.as<json_value::array>();
  const auto* protocol = pair == nullptr || pair->size() != 2 ? nullptr : (*pair)[0].as<std::uint64_t>();
  if (protocol == nullptr || *protocol != 1)
    return error{errc::unsupported, "the package describes its tensors in a way that this build does not know"};
  std::vector<std::string> leaves;
  CHALK_CHECK(add_leaves((*pair)[1], "", leaves));
  return leaves;
}

} // namespace chalkstream::models
