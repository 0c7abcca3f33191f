// Follows a topic of grades from a thread of its own and remembers the newest, for the overrides of them.
#pragma once

#include "core/log.hpp"
#include "kafka/session.hpp"
#include "pipelines/overrides.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace chalkstream::pipelines {

struct follower_settings {
  std::string brokers;
  std::string topic;
  kafka::client_properties client;
  /// As many of the newest are read when it starts, an even share of each partition; then whatever is committed.
  std::size_t remembered = default_remembered_grades;
  /// How long find waits for the topic's end, when the follower starts or its broker was away.
  std::chrono::milliseconds patience{30'000};
  /// A grade that is not there is waited for until its override is so old: the two may be committed within a moment.
  std::chrono::milliseconds settling{2'000};
};

class grade_follower final : public grade_source {
public:
  /// `stop` ends what waits in find. A broker that is away, or a topic that is not there yet, is tried again every
  /// second. `journal` outlives the follower.
  grade_follower(follower_settings settings, std::stop_token stop, log& journal);

  result<std::shared_ptr<const education::remembered_grade>> find(const education::grade_override& by,
                                                                  wall_time sent) const override;
  std::size_t waits_at_once() const noexcept override { return 4; }

private:
  void follow(const std::stop_token& ended);
  result<void> read_on(const std::stop_token& ended);

  follower_settings settings_;
  std::stop_token given_up_;
  log& journal_;
  mutable std::mutex lock_;
  mutable std::condition_variable_any changed_;
  education::remembered_grades grades_;
  bool at_end_ = false;
  std::jthread thread_; // the last member: it uses all the others
};

} // namespace chalkstream::pipelines
