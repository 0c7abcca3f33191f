// A model that writes texts which are a function of their prompts alone, a token a step, into a room of so many
// texts, and which fails on marker ids. May be used from many threads at once.
#pragma once

#include "core/model.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace chalkstream::test {

class fake_writer final : public model {
public:
  // As a prompt's first id, one that makes the second step of its text fail for the whole batch.
  static constexpr std::int32_t failing_id = 1;  // answers internal
  static constexpr std::int32_t throwing_id = 2; // throws, against its contract
  static constexpr std::int32_t refused_id = 3;  // begin() answers invalid_argument

  struct step_seen {
    /// Of each text: its prompt's first id, and which of its steps this is, from 1.
    std::vector<std::int32_t> first_ids;
    std::vector<std::size_t> numbers;
  };

  explicit fake_writer(std::size_t room = 1000, std::string name = "writer");

  // -- the port

  std::shared_ptr<const model_identity> identity() const override { return identity_; }
  std::size_t max_tokens() const noexcept override { return 512; }
  std::size_t output_width() const noexcept override { return 0; }
  bool writes() const noexcept override { return true; }
  result<output_rows> run(std::span<const sequence* const> batch, crew* helpers) const override;
  result<std::unique_ptr<writing>> begin(const sequence& prompt) const override;
  result<void> step(std::span<writing* const> batch) const override;

  /// As many tokens as the prompt wants (1 if it does not say).
  static std::vector<std::int32_t> text_for(const sequence& prompt);
  /// A number that stands for a text.
  static float digest(const std::vector<std::int32_t>& ids);

  // -- the script

  /// Each step takes this long, in real time.
  void take(std::chrono::milliseconds time) { time_ = time; }
  /// Steps wait inside until let_go().
  void hold();
  void let_go();

  // -- what happened

  std::vector<step_seen> steps() const;
  /// Texts in existence, and the most there were.
  std::size_t open() const noexcept { return room_->taken; }
  std::size_t peak() const noexcept { return room_->peak; }
  bool wait_until_stepping(std::chrono::milliseconds within = std::chrono::seconds(5)) const;

private:
  struct room {
    std::atomic<std::size_t> taken = 0;
    std::atomic<std::size_t> peak = 0;
  };
  struct text;

  std::shared_ptr<const model_identity> identity_;
  std::size_t size_;
  std::shared_ptr<room> room_ = std::make_shared<room>();
  std::atomic<std::chrono::milliseconds> time_{std::chrono::milliseconds(0)};
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable std::vector<step_seen> steps_;
  mutable std::size_t stepping_ = 0;
  bool held_ = false;
};

} // namespace chalkstream::test
