#include "pipelines/tools/scaling/simulated_service.hpp"

#include <algorithm>

namespace chalkstream::pipelines::tools {

simulated_service::simulated_service(const arrival_trace& trace, pace p, std::size_t replicas)
    : trace_(trace), pace_(p) {
  for (std::size_t i = 0; i < replicas; ++i)
    free_.push({0, 0});
  waits_.reserve(trace.arrivals.size());
  late_.reserve(trace.arrivals.size());
}

void simulated_service::advance(double second) {
  while (!starting_.empty() && starting_.front().ready <= second) {
    const auto next = starting_.front();
    starting_.pop_front();
    work_until(next.ready);
    free_.push({next.ready, next.asked});
  }
  work_until(second);
  now_ = second;
  while (arrived_ < trace_.arrivals.size() && trace_.arrivals[arrived_] <= second)
    ++arrived_;
  for (const auto known = std::min(arrived_, taken_ + read_ahead); read_ < known; ++read_)
    read_tokens_ += trace_.tokens[read_];
  while (!ending_.empty() && ending_.top().at <= second) {
    ends_ -= ending_.top().at;
    finished_tokens_ += ending_.top().tokens;
    finished_seconds_ += ending_.top().seconds;
    ending_.pop();
    ++finished_;
  }
}

double simulated_service::arrived_tokens() const noexcept {
  const auto unread = static_cast<double>(arrived_ - read_);
  return read_ == 0 ? 0 : read_tokens_ * (1 + unread / static_cast<double>(read_));
}

// Takes what can be taken before `second`.
void simulated_service::work_until(double second) {
  while (taken_ < trace_.arrivals.size() && !free_.empty()) {
    const auto came = trace_.arrivals[taken_];
    auto by = free_.top();
    const auto begin = std::max(came, by.free);
    if (begin >= second)
      return;
    const double takes = trace_.seconds[taken_];
    free_.pop();
    by.free = begin + takes;
    free_.push(by);
    ending_.push({by.free, trace_.tokens[taken_], trace_.seconds[taken_]});
    ends_ += by.free;
    busy_ += takes;
    waits_.push_back(static_cast<float>(begin - came));
    late_.push_back(by.free > came + trace_.work.deadline);
    ++taken_;
  }
}

// Of what is being worked on, the seconds that are still to come.
double simulated_service::ahead() const {
  return ends_ - now_ * static_cast<double>(ending_.size());
}

void simulated_service::resize(std::size_t wanted) {
  for (auto have = replicas(); have < wanted; ++have)
    starting_.push_back({now_ + pace_.startup, now_});
  while (replicas() > wanted && !starting_.empty()) {
    paid_ += now_ - starting_.back().asked;
    starting_.pop_back();
  }
  while (replicas() > wanted) {
    const auto& gone = free_.top();
    paid_ += std::max(now_, gone.free) + pace_.leave - gone.asked;
    free_.pop();
  }
}

void simulated_service::close() {
  pace_.leave = 0;
  resize(0);
}

} // namespace chalkstream::pipelines::tools
