// Hugging Face's beam search since its release 4.50, for one text: at every step the best continuations of all beams
// are candidates, twice as many as beams (more with several end tokens), so that enough can go on even if the best
// all end. A candidate that ended counts only if it is among as many as there are beams. Scores are single precision
// sums, as there.
#include "models/generation/token_search.hpp"

#include "models/generation/logits_rules.hpp"
#include "models/generation/random_draw.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace chalkstream::models {
namespace {

// Worse than any text, and not the worst: what is out of the race keeps an order of its own.
constexpr float out_of_race = -1e9F;

struct beam {
  std::vector<std::int32_t> ids; // prompt included
  float score = 0;
};

struct candidate {
  std::size_t beam = 0;
  std::int32_t token = 0;
  float score = 0; // of the whole beam with it
  double rank = 0; // what it is chosen by
  bool over = false;
};

// Has ended, or is a place that nothing has taken yet.
struct hypothesis {
  std::vector<std::int32_t> ids;
  float score = out_of_race;
  float log_probability = 0;
  bool ended = false;
};

class beam_search final : public token_search {
public:
  explicit beam_search(search_plan plan)
      : plan_(std::move(plan)), width_(plan_.rules.beams),
        kept_(std::max<std::size_t>(2, 1 + plan_.rules.ends.size()) * width_), done_(width_) {
    // All begin with the prompt, so the others stand back until they differ.
    running_.assign(width_, {plan_.prompt, out_of_race});
    running_.front().score = 0;
  }

  std::span<const continuation> advance(std::span<float> logits) override {
    const auto length = running_.front().ids.size();
    const auto best = candidates(logits, length);
    const auto next = best_running(best);
    add_finished(best, length);
    running_ = next;
    started_ = true;

    const bool all_over = std::all_of(best.begin(), best.end(), [](const candidate& c) { return c.over; });
    can_improve_ = can_improve_ && may_improve(length + 1);
    finished_ = all_over || !can_improve_ || full();
    if (finished_)
      next_.clear();
    return next_;
  }

  bool finished() const noexcept override { return finished_; }

  written_text take() override {
    const auto& best = done_.front();
    const auto written = best.ids.begin() + static_cast<std::ptrdiff_t>(plan_.prompt.size());
    return {{written, best.ids.end()}, best.score, !is_end(best.ids.back()), best.log_probability};
  }

private:
  bool is_end(std::int32_t token) const {
    const auto& ends = plan_.rules.ends;
    return std::find(ends.begin(), ends.end(), token) != ends.end();
  }

  float penalty(std::size_t length) const {
    const auto written = static_cast<double>(length - plan_.prompt.size());
    return static_cast<float>(std::pow(written, plan_.rules.length_penalty));
  }

  // As many beams ended as there are, and that is all that was asked for.
  bool full() const {
    return plan_.rules.stop_early == early_stopping::yes
           && std::all_of(done_.begin(), done_.end(), [](const hypothesis& h) { return h.ended; });
  }

  // The best continuations of all beams, the best first.
  std::vector<candidate> candidates(std::span<float> logits, std::size_t length) const {
    const auto vocabulary = plan_.vocabulary;
    const auto before = [](const candidate& a, const candidate& b) {
      return a.rank != b.rank ? a.rank > b.rank : a.beam != b.beam ? a.beam < b.beam : a.token < b.token;
    };
    std::vector<candidate> heap; // the worst of the best on top
    for (std::size_t b = 0; b < width_; ++b) {
      const auto row = logits.subspan(started_ ? b * vocabulary : 0, vocabulary);
      if (started_ || b == 0) {
        log_softmax(row);
        apply_rules(plan_, running_[b].ids, row);
      }
      for (std::size_t t = 0; t < vocabulary; ++t) {
        candidate c{b, static_cast<std::int32_t>(t), row[t] + running_[b].score};
        c.rank = rank(c, length);
        if (heap.size() == kept_ && !before(c, heap.front()))
          continue;
        if (heap.size() == kept_) {
          std::pop_heap(heap.begin(), heap.end(), before);
          heap.pop_back();
        }
        heap.push_back(c);
        std::push_heap(heap.begin(), heap.end(), before);
      }
    }
    std::stable_sort(heap.begin(), heap.end(), [&before](const candidate& a, const candidate& b) {
      return a.score != b.score ? a.score > b.score : before(a, b);
    });
    for (auto& c : heap)
      c.over = is_end(c.token) || length + 1 >= plan_.longest;
    return heap;
  }

  // Adding Gumbel noise and taking the best draws without replacement.
  double rank(const candidate& c, std::size_t length) const {
    if (!plan_.rules.sample || std::isinf(c.score))
      return c.score;
    const auto place = c.beam * plan_.vocabulary + static_cast<std::size_t>(c.token);
    return c.score - std::log(-std::log(random_draw(plan_.seed, length - plan_.prompt.size(), place)));
  }

  // The best that can go on; fills next_.
  std::vector<beam> best_running(std::vector<candidate> from) {
    for (auto& c : from)
      c.score += c.over ? out_of_race : 0;
    std::stable_sort(from.begin(), from.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    from.resize(width_);
    std::vector<beam> next;
    next_.clear();
    for (const auto& c : from) {
      next.push_back({running_[c.beam].ids, c.score});
      next.back().ids.push_back(c.token);
      next_.push_back({started_ ? c.beam : 0, c.token});
    }
    return next;
  }

  void add_finished(const std::vector<candidate>& best, std::size_t length) {
    if (full() || !can_improve_)
      return;
    const auto by = penalty(length + 1);
    for (std::size_t i = 0; i < width_; ++i) {
      const auto& c = best[i];
      if (!c.over)
        continue;
      done_.push_back({running_[c.beam].ids, c.score / by, c.score, true});
      done_.back().ids.push_back(c.token);
    }
    std::stable_sort(done_.begin(), done_.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    done_.resize(width_);
  }

  // Whether the best running beam could still get among the finished ones. A guess: with a length penalty scores may
  // rise again later.
  bool may_improve(std::size_t length) const {
    const auto& rules = plan_.rules;
    const bool to_the_end = rules.stop_early == early_stopping::never && rules.length_penalty > 0;
    const auto possible = running_.front().score / penalty(to_the_end ? plan_.longest : length);
    const auto worst = std::min_element(done_.begin(), done_.end(), [](const auto& a, const auto& b) {
                         return a.score < b.score;
                       })->score;
    return std::any_of(done_.begin(), done_.end(),
                       [&](const hypothesis& h) { return possible > (h.ended ? worst : out_of_race); });
  }

  search_plan plan_;
  std::size_t width_;
  std::size_t kept_;
  std::vector<beam> running_;    // best first
  std::vector<hypothesis> done_; // as many as beams, best first
  std::vector<continuation> next_;
  bool started_ = false;
  bool can_improve_ = true;
  bool finished_ = false;
};

} // namespace

std::unique_ptr<token_search> make_beam_search(search_plan plan) {
  return std::make_unique<beam_search>(std::move(plan));
}

} // namespace chalkstream::models
