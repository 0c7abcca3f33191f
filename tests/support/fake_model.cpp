#include "tests/support/fake_model.hpp"

#include <algorithm>
#include <stdexcept>
#include <thread>

namespace chalkstream::test {

namespace {

bool holds(const sequence& s, std::int32_t id) {
  return std::find(s.ids.begin(), s.ids.end(), id) != s.ids.end();
}

} // namespace

fake_model::fake_model(std::string name, std::size_t width, std::size_t max_tokens)
    : identity_(std::make_shared<const model_identity>(model_identity{std::move(name), "1", std::string(64, 'f')})),
      width_(width), max_tokens_(max_tokens) {}

result<output_rows> fake_model::run(std::span<const sequence* const> sequences, crew* helpers) const {
  batch seen{sequences.size(), 0, helpers != nullptr, {}};
  for (const auto* s : sequences) {
    seen.tokens += s->ids.size();
    seen.first_ids.push_back(s->ids.empty() ? 0 : s->ids.front());
  }
  const auto tokens = seen.tokens;
  std::chrono::milliseconds time{};
  {
    std::unique_lock lock(mutex_);
    batches_.push_back(std::move(seen));
    peak_ = std::max(peak_, ++running_);
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    time = time_;
  }
  if (time.count() > 0)
    std::this_thread::sleep_for(time);
  struct leave {
    const fake_model& self;
    ~leave() {
      const std::lock_guard guard(self.mutex_);
      --self.running_;
    }
  } on_leave{*this};
  return compute(sequences, tokens);
}

result<output_rows> fake_model::compute(std::span<const sequence* const> sequences, std::size_t tokens) const {
  {
    const std::lock_guard guard(mutex_);
    if (failing_)
      return {errc::internal, "the fake model fails always"};
    if (memory_limit_ > 0 && tokens > memory_limit_)
      return {errc::out_of_memory, "the fake model's memory ends at " + std::to_string(memory_limit_) + " tokens"};
  }
  output_rows rows{width_, {}};
  for (const auto* s : sequences) {
    if (holds(*s, throwing_id))
      throw std::runtime_error("the fake model throws on this id");
    if (holds(*s, failing_id))
      return {errc::internal, "the fake model fails on this id"};
    if (holds(*s, memory_hungry_id) && sequences.size() > 1)
      return {errc::out_of_memory, "the fake model wants to run this id alone"};
    const auto row = row_for(*s, width_);
    rows.values.insert(rows.values.end(), row.begin(), row.end());
  }
  return rows;
}

std::vector<float> fake_model::row_for(const sequence& s, std::size_t width) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const auto id : s.ids)
    hash = (hash ^ static_cast<std::uint32_t>(id)) * 1099511628211ULL;
  std::vector<float> row;
  for (std::size_t i = 0; i < width; ++i) {
    hash = (hash ^ i) * 1099511628211ULL;
    row.push_back(static_cast<float>(hash >> 40) / 8388608.0F - 1.0F);
  }
  return row;
}

void fake_model::take(std::chrono::milliseconds time) {
  const std::lock_guard guard(mutex_);
  time_ = time;
}

void fake_model::run_out_of_memory_over(std::size_t tokens) {
  const std::lock_guard guard(mutex_);
  memory_limit_ = tokens;
}

void fake_model::fail_always(bool on) {
  const std::lock_guard guard(mutex_);
  failing_ = on;
}

void fake_model::hold() {
  const std::lock_guard guard(mutex_);
  held_ = true;
}

void fake_model::let_go() {
  const std::lock_guard guard(mutex_);
  held_ = false;
  changed_.notify_all();
}

bool fake_model::wait_until_running(std::size_t runs, std::chrono::milliseconds within) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, within, [this, runs] { return running_ >= runs; });
}

std::size_t fake_model::calls() const {
  const std::lock_guard guard(mutex_);
  return batches_.size();
}

std::vector<fake_model::batch> fake_model::batches() const {
  const std::lock_guard guard(mutex_);
  return batches_;
}

std::size_t fake_model::peak() const {
  const std::lock_guard guard(mutex_);
  return peak_;
}

} // namespace chalkstream::test
