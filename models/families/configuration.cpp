#include "models/families/configuration.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace chalkstream::models::families {
namespace {

struct activation_name {
  std::string_view name;
  kernels::activation act;
};

using enum kernels::activation;
constexpr std::array<activation_name, 15> activations{{{"gelu", gelu},
                                                       {"gelu_python", gelu},
                                                       {"gelu_new", gelu_tanh},
                                                       {"gelu_fast", gelu_tanh},
                                                       {"gelu_pytorch_tanh", gelu_tanh},
                                                       {"gelu_python_tanh", gelu_tanh},
                                                       {"gelu_accurate", gelu_tanh},
                                                       {"quick_gelu", quick_gelu},
                                                       {"relu", relu},
                                                       {"relu6", relu6},
                                                       {"silu", silu},
                                                       {"swish", silu},
                                                       {"tanh", kernels::activation::tanh},
                                                       {"sigmoid", sigmoid},
                                                       {"linear", identity}}};

struct head_suffix {
  std::string_view suffix;
  head_kind kind;
};
constexpr std::array<head_suffix, 3> heads{{{"ForSequenceClassification", head_kind::text},
                                            {"ForTokenClassification", head_kind::tokens},
                                            {"ForQuestionAnswering", head_kind::span}}};

constexpr std::array<std::string_view, 3> problem_types{"regression", "single_label_classification",
                                                        "multi_label_classification"};

std::string quoted(std::string_view key) {
  return "'" + std::string(key) + "'";
}

} // namespace

error unsupported(const settings& c, const std::string& what) {
  return {errc::unsupported, c.file() + ": " + what};
}

result<std::size_t> read_size(const settings& c, std::string_view key, std::size_t fallback, std::size_t limit,
                              bool may_be_none) {
  CHALK_TRY(const auto n, c.whole_number(key, fallback));
  const std::size_t least = may_be_none ? 0 : 1;
  if (n < least || n > limit)
    return error{errc::invalid_configuration, c.file() + ": " + quoted(key) + " is " + std::to_string(n)
                                                  + "; it must be between " + std::to_string(least) + " and "
                                                  + std::to_string(limit)};
  return static_cast<std::size_t>(n);
}

result<void> require_multiple(const settings& c, std::string_view key, std::size_t whole, std::string_view part_key,
                              std::size_t part) {
  if (whole % part != 0)
    return {errc::invalid_configuration, c.file() + ": " + std::string(key) + " " + std::to_string(whole)
                                             + " is not a multiple of " + std::string(part_key) + " "
                                             + std::to_string(part)};
  return {};
}

result<float> read_epsilon(const settings& c, double fallback, std::string_view key) {
  CHALK_TRY(const auto epsilon, c.number(key, fallback));
  if (!(epsilon >= 0 && epsilon < 1))
    return error{errc::invalid_configuration, c.file() + ": " + quoted(key) + " must be between 0 and 1"};
  return static_cast<float>(epsilon);
}

result<double> read_rate(const settings& c, std::initializer_list<std::string_view> keys, double fallback) {
  for (const auto key : keys) {
    const auto* value = c.find(key);
    if (value == nullptr || value->is_null())
      continue;
    CHALK_TRY(const auto rate, c.number(key, fallback));
    if (!(rate >= 0 && rate < 1))
      return error{errc::invalid_configuration,
                   c.file() + ": '" + std::string(key) + "' must be at least 0 and below 1"};
    return rate;
  }
  return fallback;
}

result<kernels::activation> read_activation(const settings& c, std::string_view key, std::string_view fallback) {
  CHALK_TRY(const auto name, c.text(key, std::string(fallback)));
  for (const auto& candidate : activations)
    if (candidate.name == name)
      return candidate.act;
  return unsupported(c, std::string(key) + " '" + name + "' is not an activation this build knows");
}

result<void> refuse_flags(const settings& c, std::initializer_list<std::string_view> keys) {
  for (const auto key : keys) {
    CHALK_TRY(const auto set, c.flag(key, false));
    if (set)
      return unsupported(c, std::string(key) + " true is not supported: this family is served as an encoder");
  }
  return {};
}

result<void> require_text(const settings& c, std::string_view key, std::string_view only) {
  CHALK_TRY(const auto said, c.text(key, std::string(only)));
  if (said != only)
    return unsupported(c, std::string(key) + " '" + said + "' is not supported; only '" + std::string(only) + "' is");
  return {};
}

result<void> require_flag(const settings& c, std::string_view key, bool only) {
  CHALK_TRY(const auto said, c.flag(key, only));
  if (said != only)
    return unsupported(c, std::string(key) + (said ? " true" : " false") + " is not supported for this family");
  return {};
}

result<void> require_number(const settings& c, std::string_view key, std::uint64_t only) {
  CHALK_TRY(const auto said, c.whole_number(key, only));
  if (said != only)
    return unsupported(c, std::string(key) + " " + std::to_string(said) + " is not supported; only "
                              + std::to_string(only) + " is");
  return {};
}

result<void> begin_positions_behind(std::size_t padding, const settings& c, encoder_description& encoder) {
  if (padding + 1 >= encoder.positions)
    return {errc::invalid_configuration, c.file() + ": max_position_embeddings " + std::to_string(encoder.positions)
                                             + " leaves no position behind the padding id "
                                             + std::to_string(padding)};
  encoder.first_position = padding + 1;
  encoder.positions -= padding + 1;
  encoder.uncounted = static_cast<std::int32_t>(padding);
  return {};
}

result<std::string> read_architecture_name(const settings& c) {
  const auto* value = c.find("architectures");
  if (value == nullptr || value->is_null())
    return std::string();
  const auto* list = value->as<json_value::array>();
  const auto* name = list != nullptr && list->size() == 1 ? list->front().as<std::string>() : nullptr;
  if (name == nullptr || name->empty())
    return error{errc::invalid_configuration, c.file() + ": 'architectures' must be a list of one name"};
  return *name;
}

result<std::optional<head_kind>> read_architecture(const settings& c, std::string_view stem,
                                                   std::span<const std::string_view> headless) {
  CHALK_TRY(const auto name, read_architecture_name(c));
  if (name.empty())
    return std::optional<head_kind>();
  const auto is = [&](std::string_view suffix) {
    return name.size() == stem.size() + suffix.size() && name.starts_with(stem) && name.ends_with(suffix);
  };
  std::string known;
  for (const auto suffix : headless) {
    if (is(suffix))
      return std::optional<head_kind>();
    known.append(known.empty() ? "" : ", ").append(stem).append(suffix);
  }
  for (const auto& head : heads) {
    if (is(head.suffix))
      return std::optional(head.kind);
    known.append(", ").append(stem).append(head.suffix);
  }
  return unsupported(c, "architecture '" + name + "' is not one this build knows (" + known + ")");
}

std::string_view architecture_suffix(head_kind kind) {
  return std::find_if(heads.begin(), heads.end(), [kind](const head_suffix& h) { return h.kind == kind; })->suffix;
}

result<std::vector<std::string>> read_labels(const settings& c) {
  constexpr std::size_t most = 1u << 16;
  const auto* names = c.find("id2label");
  const auto* members = names ? names->as<json_value::object>() : nullptr;
  if (names != nullptr && !names->is_null() && members == nullptr)
    return error{errc::invalid_configuration, c.file() + ": 'id2label' must be an object"};
  CHALK_TRY(const auto count, c.whole_number("num_labels", members ? members->size() : 2));
  if (count == 0 || count > most || (members != nullptr && members->size() != count))
    return error{errc::invalid_configuration, c.file() + ": num_labels is " + std::to_string(count)
                                                  + ", id2label has " + std::to_string(members ? members->size() : 0)
                                                  + " names"};
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < count; ++i)
    labels.push_back("LABEL_" + std::to_string(i));
  if (members == nullptr)
    return labels;
  std::set<std::size_t> seen;
  for (const auto& [id, label] : *members) {
    const auto* text = label.as<std::string>();
    const bool numeric = !id.empty() && id.size() < 8 && id.find_first_not_of("0123456789") == std::string::npos;
    const auto at = numeric ? std::stoul(id) : count;
    if (text == nullptr || at >= count || !seen.insert(at).second)
      return error{errc::invalid_configuration,
                   c.file() + ": 'id2label' must give each id from 0 to " + std::to_string(count - 1) + " a string"};
    labels[at] = *text;
  }
  return labels;
}

result<std::string> read_problem_type(const settings& c) {
  CHALK_TRY(auto type, c.text("problem_type", ""));
  if (!type.empty() && std::find(problem_types.begin(), problem_types.end(), type) == problem_types.end())
    return unsupported(c, "problem_type '" + type + "' is not one this build knows");
  return type;
}

} // namespace chalkstream::models::families
