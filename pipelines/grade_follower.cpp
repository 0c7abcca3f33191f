#include "pipelines/grade_follower.hpp"

#include "education/result_decoder.hpp"
#include "kafka/topic_reader.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace chalkstream::pipelines {

using namespace std::chrono_literals;

namespace {

constexpr auto open_timeout = 2s;
constexpr auto read_timeout = 100ms;
constexpr std::size_t records_at_once = 1000;

// What is no grade is somebody else's business: its writer's.
std::vector<outcome> grades_of(const std::vector<record>& records) {
  std::vector<outcome> grades;
  for (const auto& one : records)
    if (auto decoded = education::decode_grade(one.value); auto* grade = std::get_if<outcome>(&decoded))
      grades.push_back(std::move(*grade));
  return grades;
}

} // namespace

grade_follower::grade_follower(follower_settings settings, std::stop_token stop, log& journal)
    : settings_(std::move(settings)), given_up_(std::move(stop)), journal_(journal), grades_(settings_.remembered),
      thread_([this](const std::stop_token& ended) { follow(ended); }) {}

void grade_follower::follow(const std::stop_token& ended) {
  bool told = false;
  while (!ended.stop_requested()) {
    const auto read = read_on(ended);
    if (read)
      return;
    if (!std::exchange(told, true))
      journal_.warning("overrides", "the grades cannot be followed, and are tried again: " + read.error().message);
    std::unique_lock guard(lock_);
    at_end_ = false;
    changed_.wait_for(guard, ended, 1s, [] { return false; });
  }
}

result<void> grade_follower::read_on(const std::stop_token& ended) {
  CHALK_TRY(auto reader, kafka::topic_reader::open_at_newest(settings_.brokers, settings_.topic, settings_.remembered,
                                                             settings_.client, open_timeout, journal_));
  while (!ended.stop_requested()) {
    CHALK_TRY(const auto records, reader.read(records_at_once, read_timeout));
    const auto grades = grades_of(records);
    {
      const std::lock_guard guard(lock_);
      for (const auto& grade : grades)
        grades_.add(grade);
      at_end_ = at_end_ || reader.at_end();
    }
    changed_.notify_all();
  }
  return {};
}

result<std::shared_ptr<const education::remembered_grade>> grade_follower::find(const education::grade_override& by,
                                                                                wall_time sent) const {
  using found = std::shared_ptr<const education::remembered_grade>;
  std::unique_lock guard(lock_);
  if (!changed_.wait_for(guard, given_up_, settings_.patience, [this] { return at_end_; }))
    return given_up_.stop_requested() ? error{errc::cancelled, "are not followed any more"}
                                      : error{errc::unavailable, "could not be read to their end in time"};
  found grade;
  const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(clock::system().wall_now() - sent);
  const auto left = std::clamp(settings_.settling - age, 0ms, settings_.settling);
  changed_.wait_for(guard, given_up_, left, [&] { return (grade = grades_.find(by)) != nullptr; });
  return grade;
}

} // namespace chalkstream::pipelines
