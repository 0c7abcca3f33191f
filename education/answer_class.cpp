#include "education/answer_class.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace chalkstream::education {

namespace {

constexpr std::pair<std::string_view, answer_class> known[] = {
    {"correct", answer_class::correct},
    {"incorrect", answer_class::incorrect},
    {"irrelevant", answer_class::incorrect},
    {"non_domain", answer_class::incorrect},
    {"contradictory", answer_class::contradictory},
    {"partially_correct", answer_class::partially_correct},
    {"partially_correct_incomplete", answer_class::partially_correct},
};

} // namespace

std::optional<answer_class> answer_class_of(std::string_view label) {
  const auto* found =
      std::find_if(std::begin(known), std::end(known), [&](const auto& entry) { return entry.first == label; });
  return found == std::end(known) ? std::nullopt : std::optional(found->second);
}

std::string answer_labels() {
  std::string names;
  for (const auto& [name, ignored] : known)
    names += (names.empty() ? "" : ", ") + std::string{name};
  return names;
}

} // namespace chalkstream::education
