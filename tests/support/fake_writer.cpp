#include "tests/support/fake_writer.hpp"

#include <numeric>
#include <stdexcept>
#include <thread>

namespace chalkstream::test {

struct fake_writer::text final : writing {
  text(const sequence& prompt, std::shared_ptr<room> from)
      : first(prompt.ids.front()), prompt_tokens(prompt.ids.size()), whole(text_for(prompt)),
        taken_from(std::move(from)) {}
  ~text() override { --taken_from->taken; }

  bool finished() const noexcept override { return written == whole.size(); }
  std::size_t next_tokens() const noexcept override { return written == 0 ? prompt_tokens : 1; }
  written_text take() override { return {whole, 0, false}; }

  std::int32_t first;
  std::size_t prompt_tokens;
  std::vector<std::int32_t> whole;
  std::size_t written = 0;
  std::shared_ptr<room> taken_from;
};

fake_writer::fake_writer(std::size_t room, std::string name)
    : identity_(std::make_shared<const model_identity>(model_identity{std::move(name), "1", std::string(64, 'e')})),
      size_(room) {}

result<output_rows> fake_writer::run(std::span<const sequence* const>, crew*) const {
  return error{errc::unsupported, "the fake writer has no rows"};
}

result<std::unique_ptr<writing>> fake_writer::begin(const sequence& prompt) const {
  if (prompt.ids.empty() || prompt.ids.front() == refused_id)
    return error{errc::invalid_argument, "the fake writer takes no such prompt"};
  auto taken = room_->taken.load();
  do {
    if (taken == size_)
      return std::unique_ptr<writing>();
  } while (!room_->taken.compare_exchange_weak(taken, taken + 1));
  for (auto peak = room_->peak.load(); peak < taken + 1 && !room_->peak.compare_exchange_weak(peak, taken + 1);) {
  }
  return std::unique_ptr<writing>(std::make_unique<text>(prompt, room_));
}

result<void> fake_writer::step(std::span<writing* const> batch) const {
  step_seen seen;
  for (auto* w : batch) {
    const auto& t = dynamic_cast<const text&>(*w);
    seen.first_ids.push_back(t.first);
    seen.numbers.push_back(t.written + 1);
  }
  {
    std::unique_lock lock(mutex_);
    steps_.push_back(seen);
    ++stepping_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    --stepping_;
  }
  if (const auto time = time_.load(); time.count() > 0)
    std::this_thread::sleep_for(time);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (seen.first_ids[i] == throwing_id && seen.numbers[i] == 2)
      throw std::runtime_error("the fake writer throws on this text");
    if (seen.first_ids[i] == failing_id && seen.numbers[i] == 2)
      return {errc::internal, "the fake writer fails on this text"};
  }
  for (auto* w : batch)
    ++dynamic_cast<text&>(*w).written;
  return {};
}

std::vector<std::int32_t> fake_writer::text_for(const sequence& prompt) {
  const auto length = prompt.wanted && prompt.wanted->max_new_tokens ? *prompt.wanted->max_new_tokens : 1;
  const auto sum = std::accumulate(prompt.ids.begin(), prompt.ids.end(), 0);
  std::vector<std::int32_t> ids;
  for (std::size_t i = 0; i < length; ++i)
    ids.push_back(static_cast<std::int32_t>((static_cast<std::size_t>(sum) * (i + 1)) % 1009));
  return ids;
}

float fake_writer::digest(const std::vector<std::int32_t>& ids) {
  return static_cast<float>(std::accumulate(ids.begin(), ids.end(), static_cast<std::int32_t>(ids.size())));
}

void fake_writer::hold() {
  const std::lock_guard guard(mutex_);
  held_ = true;
}

void fake_writer::let_go() {
  const std::lock_guard guard(mutex_);
  held_ = false;
  changed_.notify_all();
}

std::vector<fake_writer::step_seen> fake_writer::steps() const {
  const std::lock_guard guard(mutex_);
  return steps_;
}

bool fake_writer::wait_until_stepping(std::chrono::milliseconds within) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, within, [this] { return stepping_ > 0; });
}

} // namespace chalkstream::test
