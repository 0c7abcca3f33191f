#include "models/generation/token_search.hpp"

#include "models/generation/logits_rules.hpp"
#include "models/generation/random_draw.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace chalkstream::models {
namespace {

// By its log-probability; `draw` is from 0 to 1. A row in which nothing may come gives its first token, as the most
// probable one of such a row.
std::size_t drawn(std::span<const float> row, double draw) {
  double sum = 0;
  std::size_t last = 0; // that may come, for what rounding leaves over
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (std::isinf(row[i]))
      continue;
    last = i;
    sum += std::exp(double{row[i]});
    if (sum > draw)
      break;
  }
  return last;
}

class line_search final : public token_search {
public:
  explicit line_search(search_plan plan) : plan_(std::move(plan)), ids_(plan_.prompt) {}

  std::span<const continuation> advance(std::span<float> logits) override {
    apply_rules(plan_, ids_, logits);
    const auto chosen = plan_.rules.sample ? draw(logits) : most_probable(logits);
    const auto token = static_cast<std::int32_t>(chosen);
    score_ += log_probability(logits, chosen);
    ids_.push_back(token);
    const auto& ends = plan_.rules.ends;
    ended_ = std::find(ends.begin(), ends.end(), token) != ends.end();
    finished_ = ended_ || ids_.size() >= plan_.longest;
    next_ = {0, token};
    return {&next_, finished_ ? 0U : 1U};
  }

  bool finished() const noexcept override { return finished_; }

  written_text take() override {
    const auto written = ids_.begin() + static_cast<std::ptrdiff_t>(plan_.prompt.size());
    return {{written, ids_.end()}, score_, !ended_, score_};
  }

private:
  std::size_t draw(std::span<float> logits) const {
    log_softmax(logits);
    return drawn(logits, random_draw(plan_.seed, ids_.size() - plan_.prompt.size(), 0));
  }

  search_plan plan_;
  std::vector<std::int32_t> ids_; // prompt included
  double score_ = 0;
  continuation next_;
  bool ended_ = false;
  bool finished_ = false;
};

} // namespace

std::unique_ptr<token_search> make_line_search(search_plan plan) {
  return std::make_unique<line_search>(std::move(plan));
}

std::unique_ptr<token_search> make_search(search_plan plan) {
  return plan.rules.beams > 1 ? make_beam_search(std::move(plan)) : make_line_search(std::move(plan));
}

} // namespace chalkstream::models
