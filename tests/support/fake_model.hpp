// A model whose rows are a function of the ids alone, and which fails on marker ids. As a real one, it may be run
// from many threads at once; the script is set before, or from any thread.
#pragma once

#include "core/model.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace chalkstream::test {

class fake_model final : public model {
public:
  // Ids that make a run fail for the whole batch they are in. fake_task's ordinary ids start at 1000.
  static constexpr std::int32_t failing_id = 1;       // answers internal
  static constexpr std::int32_t throwing_id = 2;      // throws, against its contract
  static constexpr std::int32_t memory_hungry_id = 3; // answers out_of_memory unless its sequence is alone

  struct batch {
    std::size_t sequences = 0;
    std::size_t tokens = 0;
    bool helped = false; // a crew was given
    /// The first id of each sequence.
    std::vector<std::int32_t> first_ids;
  };

  explicit fake_model(std::string name = "fake", std::size_t width = 4, std::size_t max_tokens = 512);

  // -- the port

  std::shared_ptr<const model_identity> identity() const override { return identity_; }
  std::size_t max_tokens() const noexcept override { return max_tokens_; }
  std::size_t output_width() const noexcept override { return width_; }
  result<output_rows> run(std::span<const sequence* const> batch, crew* helpers) const override;
  bool takes_help() const noexcept override { return takes_help_; }

  /// The row any run gives for these ids, each value from -1 to 1.
  static std::vector<float> row_for(const sequence& s, std::size_t width);

  // -- the script

  /// Each run takes this long, in real time.
  void take(std::chrono::milliseconds time);
  /// Batches of more tokens answer out_of_memory; 0 takes the limit away.
  void run_out_of_memory_over(std::size_t tokens);
  /// Every run fails until told otherwise.
  void fail_always(bool on);
  /// Says that it takes help. It does nothing with it: helpers wait until the run is over.
  void take_help() { takes_help_ = true; }
  /// Runs wait inside until let_go().
  void hold();
  void let_go();
  /// Waits until `runs` runs are inside; false if they are not within the time.
  bool wait_until_running(std::size_t runs, std::chrono::milliseconds within = std::chrono::seconds(5)) const;

  // -- what happened

  std::size_t calls() const;
  std::vector<batch> batches() const;
  /// The most runs that were inside at the same time.
  std::size_t peak() const;

private:
  result<output_rows> compute(std::span<const sequence* const> batch, std::size_t tokens) const;

  std::shared_ptr<const model_identity> identity_;
  std::size_t width_;
  std::size_t max_tokens_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable std::vector<batch> batches_;
  mutable std::size_t running_ = 0;
  mutable std::size_t peak_ = 0;
  std::chrono::milliseconds time_{0};
  std::size_t memory_limit_ = 0;
  bool held_ = false;
  bool failing_ = false;
  bool takes_help_ = false;
};

} // namespace chalkstream::test
