#include "models/generation/logits_rules.hpp"

#include "models/kernels/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace chalkstream::models {
namespace {

constexpr float never = -std::numeric_limits<float>::infinity();

float& of(std::span<float> row, std::int32_t token) {
  return row[static_cast<std::size_t>(token)];
}

void ban(std::span<float> row, std::span<const std::int32_t> tokens) {
  for (const auto token : tokens)
    of(row, token) = never;
}

void force(std::span<float> row, std::span<const std::int32_t> tokens) {
  std::fill(row.begin(), row.end(), never);
  for (const auto token : tokens)
    of(row, token) = 0;
}

void penalise_repetition(double by, std::span<const std::int32_t> ids, std::span<float> row) {
  const auto penalty = static_cast<float>(by);
  std::vector<std::int32_t> seen(ids.begin(), ids.end());
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  for (const auto token : seen) {
    auto& score = of(row, token);
    score = score < 0 ? score * penalty : score / penalty;
  }
}

// What would complete a run of `size` tokens that is in the line already.
void ban_repeated_runs(std::size_t size, std::span<const std::int32_t> ids, std::span<float> row) {
  if (ids.size() < size)
    return;
  const auto beginning = ids.last(size - 1);
  for (std::size_t at = 0; at + size <= ids.size(); ++at)
    if (std::equal(beginning.begin(), beginning.end(), ids.begin() + static_cast<std::ptrdiff_t>(at)))
      of(row, ids[at + size - 1]) = never;
}

// A lone end token is no bad word.
void ban_bad_words(const generation_config& rules, std::span<const std::int32_t> ids, std::span<float> row) {
  for (const auto& word : rules.bad_words) {
    const std::span before(word.data(), word.size() - 1);
    const bool is_end =
        before.empty() && std::find(rules.ends.begin(), rules.ends.end(), word[0]) != rules.ends.end();
    if (is_end || before.size() > ids.size())
      continue;
    const auto tail = ids.last(before.size());
    if (std::equal(before.begin(), before.end(), tail.begin()))
      of(row, word.back()) = never;
  }
}

void keep_largest(std::size_t count, std::span<float> row) {
  if (count >= row.size())
    return;
  std::vector<float> sorted(row.begin(), row.end());
  const auto last = sorted.begin() + static_cast<std::ptrdiff_t>(count - 1);
  std::nth_element(sorted.begin(), last, sorted.end(), std::greater<>());
  const auto least = *last;
  for (auto& score : row)
    if (score < least)
      score = never;
}

// The most probable tokens that reach `share` together, and at least `least` of them.
void keep_share(double share, std::size_t least, std::span<float> row) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < row.size(); ++i)
    if (row[i] != never)
      order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [row](std::size_t a, std::size_t b) { return row[a] < row[b]; });
  if (order.empty())
    return;
  const double top = row[order.back()];
  double total = 0;
  for (const auto i : order)
    total += std::exp(row[i] - top);
  double sum = 0; // from the least probable on
  for (std::size_t n = 0; n + least < order.size(); ++n) {
    sum += std::exp(row[order[n]] - top) / total;
    if (sum > 1 - share)
      break;
    row[order[n]] = never;
  }
}

// What turns a row's logits into log-probabilities when it is taken from them, first one, then the other.
struct normaliser {
  float top = never;
  float shift = 0;
};

normaliser normaliser_of(std::span<const float> row) {
  const auto& table = kernels::best();
  normaliser of{table.greatest(row.data(), row.size())};
  if (of.top != never)
    of.shift = static_cast<float>(std::log(table.sum_of_exponentials(row.data(), row.size(), of.top)));
  return of;
}

} // namespace

void log_softmax(std::span<float> row) {
  const auto down = normaliser_of(row);
  if (down.top == never)
    return;
  for (auto& x : row)
    x = x - down.top - down.shift;
}

float log_probability(std::span<const float> row, std::size_t token) {
  const auto down = normaliser_of(row);
  return down.top == never ? never : row[token] - down.top - down.shift;
}

std::size_t most_probable(std::span<const float> row) {
  const auto top = kernels::best().greatest(row.data(), row.size());
  return static_cast<std::size_t>(std::find(row.begin(), row.end(), top) - row.begin());
}

void narrow(const generation_config& rules, std::span<float> row) {
  // A search with several beams needs one that can go on beside those that may end.
  const auto least = rules.beams > 1 ? std::max<std::size_t>(2, rules.ends.size() + 1) : 1;
  if (rules.temperature != 1)
    for (auto& score : row)
      score /= static_cast<float>(rules.temperature);
  if (rules.top_k != 0)
    keep_largest(std::max(rules.top_k, least), row);
  if (rules.top_p < 1)
    keep_share(rules.top_p, least, row);
}

void apply_rules(const search_plan& plan, std::span<const std::int32_t> ids, std::span<float> row) {
  const auto& rules = plan.rules;
  const bool first = ids.size() == plan.prompt.size();
  if (rules.repetition_penalty != 1)
    penalise_repetition(rules.repetition_penalty, ids, row);
  if (rules.no_repeat_ngram > 0)
    ban_repeated_runs(rules.no_repeat_ngram, ids, row);
  ban_bad_words(rules, ids, row);
  if (ids.size() < rules.min_length)
    ban(row, rules.ends);
  if (first && rules.forced_first)
    force(row, std::span(&*rules.forced_first, 1));
  if (ids.size() + 1 == plan.longest && !rules.forced_last.empty())
    force(row, rules.forced_last);
  ban(row, rules.suppressed);
  if (ids.size() == plan.prompt.size() + (rules.forced_first ? 1 : 0))
    ban(row, rules.suppressed_first);
  if (rules.sample)
    narrow(rules, row);
  if (rules.renormalize)
    log_softmax(row);
}

} // namespace chalkstream::models
