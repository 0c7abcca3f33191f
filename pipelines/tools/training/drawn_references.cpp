#include "pipelines/tools/training/drawn_references.hpp"

#include "education/answer_class.hpp"
#include "education/measures/bootstrap.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::size_t most_rows = 5'000'000;
constexpr std::uint32_t changed_over = 4; // one in so many

using right_answers = std::map<std::vector<std::string>, std::vector<const std::string*>>;

right_answers right_answers_of(const example_set& set) {
  right_answers by_question;
  for (const auto& example : set.examples)
    if (education::answer_class_of(example.label) == education::answer_class::correct)
      by_question[example.references].push_back(&example.text);
  return by_question;
}

const std::string& one_of(const text_example& row, const right_answers& right,
                          education::measures::row_generator& random) {
  const auto other = [&]() -> const std::string* {
    const auto found = right.find(row.references);
    if (found == right.end())
      return nullptr;
    const auto* drawn = found->second[random.below(static_cast<std::uint32_t>(found->second.size()))];
    return *drawn == row.text ? nullptr : drawn;
  };
  if (random.below(2) == 1)
    if (const auto* answer = other())
      return *answer;
  return row.references[random.below(static_cast<std::uint32_t>(row.references.size()))];
}

} // namespace

result<example_set> draw_references(const example_set& from, std::size_t times, std::uint64_t seed) {
  for (const auto& example : from.examples)
    if (example.references.empty())
      return error{errc::invalid_argument,
                   from.place(example) + ": has one text beside the answer; to draw references, give a list of them"};
  if (times > most_rows / std::max<std::size_t>(1, from.examples.size()))
    return error{errc::invalid_argument, "references are drawn " + std::to_string(times) + " times for "
                                             + std::to_string(from.examples.size())
                                             + " rows: more than 5 million rows in all"};
  const auto right = right_answers_of(from);
  education::measures::row_generator random{seed};
  example_set drawn{from.files, {}, from.traits};
  drawn.examples.reserve(from.examples.size() * times);
  for (std::size_t time = 0; time < times; ++time)
    for (const auto& example : from.examples) {
      auto row = example;
      row.pair = one_of(example, right, random);
      if (!row.label.empty() && random.below(changed_over) == 0)
        std::swap(row.text, *row.pair);
      row.references.clear();
      drawn.examples.push_back(std::move(row));
    }
  return drawn;
}

} // namespace chalkstream::pipelines::tools
