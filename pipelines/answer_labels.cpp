#include "pipelines/answer_labels.hpp"

#include "pipelines/probabilities.hpp"

#include <algorithm>
#include <utility>

namespace chalkstream::pipelines {

using education::answer_class;

result<std::vector<answer_class>> answer_classes_of(std::span<const std::string> labels) {
  constexpr std::pair<std::string_view, answer_class> known[] = {
      {"correct", answer_class::correct},
      {"incorrect", answer_class::incorrect},
      {"irrelevant", answer_class::incorrect},
      {"non_domain", answer_class::incorrect},
      {"contradictory", answer_class::contradictory},
      {"partially_correct", answer_class::partially_correct},
      {"partially_correct_incomplete", answer_class::partially_correct},
  };
  std::vector<answer_class> classes;
  for (const auto& label : labels) {
    const auto* found =
        std::find_if(std::begin(known), std::end(known), [&](const auto& entry) { return entry.first == label; });
    if (found == std::end(known)) {
      std::string names;
      for (const auto& [name, ignored] : known)
        names += (names.empty() ? "" : ", ") + std::string(name);
      return error{errc::invalid_configuration,
                   "its label '" + label + "' is not one that answers may have: " + names};
    }
    classes.push_back(found->second);
  }
  const auto right = std::count(classes.begin(), classes.end(), answer_class::correct);
  if (right == 0 || right == std::ssize(classes))
    return error{errc::invalid_configuration, "of its labels, 'correct' must be one and not the only one"};
  return classes;
}

std::optional<education::answer_probabilities> answer_probabilities_of(std::span<const float> logits,
                                                                       std::span<const answer_class> classes) {
  if (logits.size() != classes.size())
    return {};
  const auto all = probabilities_of(logits);
  if (all.empty())
    return {};
  education::answer_probabilities p{};
  for (std::size_t i = 0; i < all.size(); ++i)
    p[static_cast<std::size_t>(classes[i])] += all[i];
  return p;
}

} // namespace chalkstream::pipelines
