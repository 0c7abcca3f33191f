#include "models/reading/line_decoding.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::models::reading {

line_text greedy_text(std::span<const float> logs, const std::vector<std::string>& characters) {
  const auto classes = characters.size() + 1;
  const auto steps = logs.size() / classes;
  line_text made;
  std::vector<double> surest; // of each character, as a logarithm
  double nothing = 0;
  std::size_t before = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    const auto row = logs.subspan(step * classes, classes);
    const auto best = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    nothing += std::exp(double{row[0]});
    if (best != 0 && best == before) {
      surest.back() = std::max(surest.back(), double{row[best]});
    } else if (best != 0) {
      made.text += characters[best - 1];
      surest.push_back(row[best]);
    }
    before = best;
  }
  double sum = 0;
  for (const auto one : surest)
    sum += one;
  if (!surest.empty())
    made.confidence = std::exp(sum / static_cast<double>(surest.size()));
  else if (steps > 0)
    made.confidence = nothing / static_cast<double>(steps);
  made.confidence = std::clamp(made.confidence, 0.0, 1.0);
  return made;
}

} // namespace chalkstream::models::reading
