#include "models/text/word2vec.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cmath>
#include <mutex>
#include <thread>

#include "models/text/float_rows.hpp"
#include "models/text/word_corpus.hpp"

namespace chalkstream::text {

namespace {

using clock = std::chrono::steady_clock;

constexpr float max_exponent = 6;
constexpr std::size_t words_between_looks = 10000;

class random_source {
public:
  explicit random_source(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() { // splitmix64
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return z ^ z >> 31;
  }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>((next() >> 32) * bound >> 32); }
  float unit() { return static_cast<float>(next() >> 40) / static_cast<float>(1 << 24); }

private:
  std::uint64_t state_;
};

/// 1 / (1 + e^-x), exact at the middle of each of its steps.
float sigmoid(float x) {
  constexpr std::size_t steps = 4096;
  static const auto table = [] {
    std::array<float, steps> made{};
    for (std::size_t k = 0; k < steps; ++k) {
      const double middle = ((static_cast<double>(k) + 0.5) / steps * 2 - 1) * max_exponent;
      made[k] = static_cast<float>(1 / (1 + std::exp(-middle)));
    }
    return made;
  }();
  if (x >= max_exponent)
    return 1;
  if (x <= -max_exponent)
    return 0;
  return table[static_cast<std::size_t>((x + max_exponent) * (steps / (2 * max_exponent)))];
}

class trainer {
public:
  trainer(const word_corpus& from, const word2vec_settings& settings, const word2vec_watch& watch)
      : from_(from), its_(settings), watch_(watch), inputs_(from.words.size() * settings.width),
        outputs_(from.words.size() * settings.width), began_(clock::now()) {
    random_source random(settings.seed);
    for (float& each : inputs_)
      each = (random.unit() - 0.5F) / static_cast<float>(settings.width);
    fill_table();
    for (const std::uint64_t its : from.counts) {
      const double share = static_cast<double>(its) / static_cast<double>(from.total);
      const double kept =
          settings.sample > 0 ? (std::sqrt(share / settings.sample) + 1) * settings.sample / share : 1;
      keep_.push_back(static_cast<float>(kept));
    }
  }

  bool run() {
    std::vector<std::thread> others;
    for (std::size_t k = 1; k < its_.threads; ++k)
      others.emplace_back([this, k] { work(k); });
    work(0);
    for (std::thread& each : others)
      each.join();
    return !stopped_;
  }

  std::vector<float> take() { return std::move(inputs_); }

private:
  struct scratch {
    std::vector<std::int32_t> text;
    std::vector<float> hidden, error;
    double loss = 0;
    std::uint64_t pairs = 0;
  };

  /// Word n takes a share of the table as its count to the power of 3/4 says.
  void fill_table() {
    double sum = 0;
    for (const std::uint64_t its : from_.counts)
      sum += std::pow(static_cast<double>(its), 0.75);
    const std::size_t draws =
        std::clamp(std::bit_ceil(256 * from_.counts.size()), std::size_t{1} << 16, std::size_t{1} << 26);
    table_.resize(draws);
    std::size_t word = 0;
    double until = std::pow(static_cast<double>(from_.counts[0]), 0.75) / sum;
    for (std::size_t k = 0; k < draws; ++k) {
      table_[k] = static_cast<std::int32_t>(word);
      if (static_cast<double>(k + 1) / draws > until && word + 1 < from_.counts.size())
        until += std::pow(static_cast<double>(from_.counts[++word]), 0.75) / sum;
    }
  }

  float* input(std::int32_t word) { return inputs_.data() + static_cast<std::size_t>(word) * its_.width; }
  float* output(std::int32_t word) { return outputs_.data() + static_cast<std::size_t>(word) * its_.width; }

  float rate() const {
    const double done =
        static_cast<double>(done_.load(std::memory_order_relaxed)) / static_cast<double>(from_.total * its_.epochs);
    return static_cast<float>(
        std::max(its_.last_learning_rate, its_.learning_rate * (1 - done) + its_.last_learning_rate * done));
  }

  /// Every thread takes its own stretch of the texts, in every epoch.
  void work(std::size_t thread) {
    const std::size_t first = from_.texts.size() * thread / its_.threads;
    const std::size_t last = from_.texts.size() * (thread + 1) / its_.threads;
    random_source random(its_.seed * 0x2545F4914F6CDD1DU + thread + 1);
    scratch own;
    own.hidden.resize(its_.width);
    own.error.resize(its_.width);
    float alpha = rate();
    std::uint64_t since_look = 0;
    for (std::size_t epoch = 0; epoch < its_.epochs && !stopped_; ++epoch)
      for (std::size_t k = first; k < last && !stopped_; ++k) {
        own.text.clear();
        for (const std::int32_t word : from_.texts[k])
          if (keep_[static_cast<std::size_t>(word)] >= 1 || keep_[static_cast<std::size_t>(word)] > random.unit())
            own.text.push_back(word);
        learn(own, alpha, random);
        since_look += from_.texts[k].size();
        if (since_look < words_between_looks && !(k + 1 == last && epoch + 1 == its_.epochs))
          continue;
        done_.fetch_add(since_look, std::memory_order_relaxed);
        since_look = 0;
        alpha = rate();
        tell(own);
      }
  }

  void learn(scratch& own, float alpha, random_source& random) {
    const auto size = static_cast<std::ptrdiff_t>(own.text.size());
    for (std::ptrdiff_t at = 0; at < size; ++at) {
      const auto reach = static_cast<std::ptrdiff_t>(1 + random.below(its_.window));
      const std::ptrdiff_t begin = std::max<std::ptrdiff_t>(0, at - reach), end = std::min(size, at + reach + 1);
      const std::int32_t word = own.text[static_cast<std::size_t>(at)];
      if (its_.skip_gram)
        learn_pairs(own, begin, at, end, word, alpha, random);
      else
        learn_middle(own, begin, at, end, word, alpha, random);
    }
  }

  CHALK_HOGWILD void learn_pairs(scratch& own, std::ptrdiff_t begin, std::ptrdiff_t at, std::ptrdiff_t end,
                                 std::int32_t word, float alpha, random_source& random) {
    for (std::ptrdiff_t near = begin; near < end; ++near) {
      if (near == at)
        continue;
      float* const neighbour = input(own.text[static_cast<std::size_t>(near)]);
      std::fill(own.error.begin(), own.error.end(), 0.0F);
      guess(neighbour, word, alpha, own, random);
      add(neighbour, own.error.data(), 1, its_.width);
    }
  }

  CHALK_HOGWILD void learn_middle(scratch& own, std::ptrdiff_t begin, std::ptrdiff_t at, std::ptrdiff_t end,
                                  std::int32_t word, float alpha, random_source& random) {
    const auto count = static_cast<float>(end - begin - 1);
    if (count == 0)
      return;
    std::fill(own.hidden.begin(), own.hidden.end(), 0.0F);
    std::fill(own.error.begin(), own.error.end(), 0.0F);
    for (std::ptrdiff_t near = begin; near < end; ++near)
      if (near != at)
        add(own.hidden.data(), input(own.text[static_cast<std::size_t>(near)]), 1 / count, its_.width);
    guess(own.hidden.data(), word, alpha, own, random);
    for (std::ptrdiff_t near = begin; near < end; ++near)
      if (near != at)
        add(input(own.text[static_cast<std::size_t>(near)]), own.error.data(), 1, its_.width);
  }

  /// One true word and the negatives, from a vector; what that vector should become is left in `error`.
  CHALK_HOGWILD void guess(const float* from, std::int32_t word, float alpha, scratch& own, random_source& random) {
    for (std::size_t n = 0; n <= its_.negative; ++n) {
      const std::int32_t target = n == 0 ? word : table_[random.below(table_.size())];
      if (n != 0 && target == word)
        continue;
      float* const its = output(target);
      const float likely = sigmoid(dot(from, its, its_.width));
      const float step = ((n == 0 ? 1.0F : 0.0F) - likely) * alpha;
      if ((own.pairs & 63) == 0) // a sample is enough for the loss
        own.loss -= std::log(std::max(n == 0 ? likely : 1 - likely, 1e-6F));
      add(own.error.data(), its, step, its_.width);
      add(its, from, step, its_.width);
    }
    ++own.pairs;
  }

  void tell(scratch& own) {
    const std::uint64_t sampled = (own.pairs + 63) / 64;
    word2vec_progress now;
    now.loss = sampled == 0 ? 0 : own.loss / static_cast<double>(sampled);
    own.loss = 0;
    own.pairs = 0;
    const std::lock_guard one(telling_);
    now.words_done = done_.load(std::memory_order_relaxed);
    now.words_total = from_.total * its_.epochs;
    const double seconds = std::chrono::duration<double>(clock::now() - began_).count();
    now.words_a_second = seconds > 0 ? static_cast<double>(now.words_done) / seconds : 0;
    now.seconds_left =
        now.words_a_second > 0 ? static_cast<double>(now.words_total - now.words_done) / now.words_a_second : 0;
    if (watch_ && !watch_(now))
      stopped_ = true;
  }

  const word_corpus& from_;
  const word2vec_settings& its_;
  const word2vec_watch& watch_;
  std::vector<float> inputs_, outputs_; // by word
  std::vector<std::int32_t> table_;
  std::vector<float> keep_; // by word: how likely it stays
  std::atomic<std::uint64_t> done_{0};
  std::atomic<bool> stopped_{false};
  std::mutex telling_;
  clock::time_point began_;
};

result<void> check(const word2vec_settings& its) {
  const std::pair<bool, const char*> wrong[] = {
      {its.width == 0 || its.width > 4096, "width must be 1 to 4096"},
      {its.window == 0 || its.window > 1000, "window must be 1 to 1000"},
      {its.negative == 0 || its.negative > 1000, "negative must be 1 to 1000"},
      {its.epochs == 0 || its.epochs > 100000, "epochs must be 1 to 100000"},
      {its.threads == 0 || its.threads > 1024, "threads must be 1 to 1024"},
      {!(its.sample >= 0 && its.sample <= 1), "sample must be 0 to 1"},
      {!(its.learning_rate > 0 && its.learning_rate <= 1), "learning_rate must be above 0 and 1 at most"},
      {!(its.last_learning_rate >= 0 && its.last_learning_rate <= its.learning_rate),
       "last_learning_rate must be 0 to learning_rate"}};
  for (const auto& [is_wrong, what] : wrong)
    if (is_wrong)
      return {errc::invalid_argument, std::string("word2vec: ") + what};
  return {};
}

} // namespace

result<word_vectors> train_word2vec(std::span<const std::vector<std::string>> texts,
                                    const word2vec_settings& settings, const word2vec_watch& watch) {
  CHALK_CHECK(check(settings));
  word_corpus from = word_corpus::of(texts, settings.min_count);
  if (from.words.size() < 2)
    return {errc::invalid_argument,
            "word2vec: fewer than two words are there min_count (" + std::to_string(settings.min_count) + ") times"};
  trainer work(from, settings, watch);
  if (!work.run())
    return {errc::cancelled, "word2vec: the training was ended early"};
  return word_vectors::make(std::move(from.words), settings.width, work.take());
}

} // namespace chalkstream::text
