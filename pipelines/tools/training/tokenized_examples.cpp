#include "pipelines/tools/training/tokenized_examples.hpp"

#include "models/text/utf8.hpp"

#include <algorithm>

namespace chalkstream::pipelines::tools {

namespace {

using text::encoding;

result<encoding> encode(const text_example& example, const example_set& set, const tokenizing& how, bool cut) {
  text::encode_options options;
  options.max_tokens = how.max_tokens;
  options.offsets = how.learns == learnt::answer;
  if (cut)
    options.cut = how.learns == learnt::answer ? text::truncation::only_second : text::truncation::longest_first;
  auto encoded =
      example.pair ? how.by.encode_pair(example.text, *example.pair, options) : how.by.encode(example.text, options);
  if (!encoded)
    return error{encoded.error().code, set.place(example) + ": " + encoded.error().message};
  if (encoded->ids.empty())
    return error{errc::invalid_argument, set.place(example) + ": the text has no tokens"};
  return encoded;
}

/// The tokens an answer reaches over; none if it is not, or not wholly, among them.
std::optional<std::pair<std::size_t, std::size_t>> tokens_of_answer(const text_example& example,
                                                                    const encoding& encoded) {
  if (example.answers.empty())
    return std::nullopt;
  const auto begin = example.answer_start;
  const auto end = begin + text::count_code_points(example.answers.front());
  const auto [from, to] = encoded.second;
  std::optional<std::size_t> first, last;
  for (auto token = from; token < to; ++token) {
    const auto [token_begin, token_end] = encoded.offsets[token];
    if (token_end > begin && token_begin < end && token_begin < token_end) {
      first = first.value_or(token);
      last = token;
    }
  }
  if (!first || encoded.offsets[*last].second < end)
    return std::nullopt;
  return std::pair{*first, *last};
}

models::training::target goal_of(const text_example& example, const encoding& encoded, const tokenizing& how) {
  models::training::target goal;
  switch (how.learns) {
  case learnt::label:
    goal.label =
        static_cast<std::size_t>(std::find(how.labels.begin(), how.labels.end(), example.label) - how.labels.begin());
    break;
  case learnt::scores:
    goal.scores = example.scores;
    break;
  case learnt::answer:
    goal.answer = tokens_of_answer(example, encoded).value_or(std::pair{std::size_t{0}, std::size_t{0}});
    break;
  case learnt::text:    // of writing_pairs
  case learnt::summary: // of summary_rows
    break;
  }
  return goal;
}

tokenized_example made_of(encoding&& encoded, models::training::target goal, std::size_t example) {
  return {{std::move(encoded.ids), std::move(encoded.types)},
          std::move(goal),
          std::move(encoded.offsets),
          encoded.second,
          example};
}

/// What stands around the passage, and its tokens [from, to).
encoding window(const encoding& whole, std::size_t from, std::size_t to) {
  encoding made;
  const auto add = [&](std::size_t begin, std::size_t end) {
    const auto copy = [=](const auto& source, auto& into) {
      into.insert(into.end(), source.begin() + static_cast<std::ptrdiff_t>(begin),
                  source.begin() + static_cast<std::ptrdiff_t>(end));
    };
    copy(whole.ids, made.ids);
    copy(whole.types, made.types);
    copy(whole.offsets, made.offsets);
  };
  const auto [begin, end] = whole.second;
  add(0, begin);
  add(from, to);
  add(end, whole.ids.size());
  made.second = {begin, begin + to - from};
  return made;
}

} // namespace

result<std::vector<tokenized_example>> tokenize(const example_set& set, const tokenizing& how) {
  std::vector<tokenized_example> all;
  for (std::size_t i = 0; i < set.examples.size(); ++i) {
    const auto& example = set.examples[i];
    CHALK_TRY(auto encoded, encode(example, set, how, true));
    auto goal = goal_of(example, encoded, how);
    all.push_back(made_of(std::move(encoded), std::move(goal), i));
  }
  return all;
}

result<std::vector<tokenized_example>> tokenize_in_windows(const example_set& set, const tokenizing& how) {
  if (how.learns != learnt::answer)
    return tokenize(set, how);
  std::vector<tokenized_example> all;
  for (std::size_t i = 0; i < set.examples.size(); ++i) {
    const auto& example = set.examples[i];
    CHALK_TRY(const auto whole, encode(example, set, how, false));
    const auto passage = whole.second.second - whole.second.first;
    const auto around = whole.ids.size() - passage;
    if (around + 1 > how.max_tokens)
      return error{errc::invalid_argument, set.place(example)
                                               + ": the question leaves no room for the passage within "
                                               + std::to_string(how.max_tokens) + " tokens"};
    const auto room = how.max_tokens - around;
    const auto step = std::max<std::size_t>(room - room / 4, 1);
    for (std::size_t from = whole.second.first;; from += step) {
      const auto to = std::min(from + room, whole.second.second);
      auto part = window(whole, from, to);
      auto goal = goal_of(example, part, how);
      all.push_back(made_of(std::move(part), std::move(goal), i));
      if (to == whole.second.second)
        break;
    }
  }
  return all;
}

} // namespace chalkstream::pipelines::tools
