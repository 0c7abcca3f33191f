#include "monitoring/scaling_watch.hpp"

#include "monitoring/scaling_query.hpp"

namespace chalkstream::monitoring {

namespace {

hold_reason reason_of(const scaling_decision& d) {
  switch (d.reason) {
  case scaling_reason::missing:
    return hold_reason::missing;
  case scaling_reason::not_a_number:
    return hold_reason::not_a_number;
  case scaling_reason::stale:
    return hold_reason::stale;
  case scaling_reason::impossible:
    return hold_reason::impossible;
  default:
    return hold_reason::contradictory;
  }
}

scaling_bound bound_of(scaling_limit limit) {
  switch (limit) {
  case scaling_limit::none:
    return scaling_bound::none;
  case scaling_limit::least:
    return scaling_bound::least;
  case scaling_limit::most:
    return scaling_bound::most;
  case scaling_limit::step:
    return scaling_bound::step;
  case scaling_limit::partitions:
    return scaling_bound::partitions;
  case scaling_limit::budget:
    return scaling_bound::budget;
  }
  return scaling_bound::none;
}

} // namespace

scaling_watch::scaling_watch(std::string target, const scaling_settings& settings,
                             std::shared_ptr<autoscale_probe> probe, log& journal)
    : target_(std::move(target)), rule_(settings), probe_(std::move(probe)), journal_(journal) {}

std::size_t scaling_watch::decide(const result<metric_answer>& answer, const actual& is, const clock& time) {
  const auto now = time.now();
  auto read = answer ? read_scaling_answer(*answer, target_, now, time.wall_now())
                     : result<scaling_observation>{answer.error()};
  scaling_observation seen;
  if (read)
    seen = *read;
  if (seen.pending && is.woken != time_point{} && seen.pending->at <= is.woken) {
    probe_->held(hold_reason::stale);
    return is.replicas;
  }
  seen.replicas = observed{static_cast<double>(is.replicas), now};
  if (is.partitions)
    seen.partitions = observed{static_cast<double>(*is.partitions), now};
  const auto d = rule_.decide(now, seen);
  if (!read) {
    probe_->held(hold_reason::unavailable);
    say_trouble("unavailable", log_level::warning,
                "keeps " + std::to_string(d.replicas) + ": the metrics cannot be had: " + to_string(read.error()));
  } else if (d.held()) {
    probe_->held(reason_of(d));
    const auto fault = std::string{to_string(d.at_fault)} + " is " + std::string{to_string(d.reason)};
    say_trouble(fault, log_level::warning, "keeps " + std::to_string(d.replicas) + ": " + fault);
  } else {
    say_trouble("", log_level::info, "believes the metrics again");
  }
  // The rule counts from what it saw, and a scrape may miss what woke the model and is worked off already.
  const bool just_woken = is.woken != time_point{} && now - is.woken < rule_.settings().idle_after;
  if (d.replicas == 0 && is.replicas > 0 && just_woken)
    return is.replicas;
  if (d.held() && d.replicas != is.replicas) // what the rule was told last is not what is there: leave it
    return is.replicas;
  if (read && !d.held()) {
    probe_->bounded(bound_of(d.limit));
    say(d, is);
  }
  probe_->wanted(d.replicas);
  if (!d.held())
    probe_->decided(is.replicas, d.replicas);
  return d.replicas;
}

void scaling_watch::say(const scaling_decision& d, const actual& is) {
  if (d.changed)
    journal_.info("autoscaler", target_ + ": " + std::to_string(is.replicas) + " -> " + std::to_string(d.replicas)
                                    + " replicas (" + std::string{to_string(d.reason)} + ")");
  if (d.limit != limit_ && d.limit == scaling_limit::partitions)
    journal_.warning("autoscaler",
                     target_ + ": " + std::to_string(d.unbounded)
                         + " replicas are wanted, but more than there are partitions have nothing to read: "
                           "the topic needs more of them");
  else if (d.limit != limit_ && (d.limit == scaling_limit::most || d.limit == scaling_limit::budget))
    journal_.warning("autoscaler", target_ + ": " + std::to_string(d.unbounded) + " replicas are wanted, more than "
                                       + (d.limit == scaling_limit::most ? "`max` allows" : "the budget pays for"));
  limit_ = d.limit;
}

void scaling_watch::say_trouble(std::string state, log_level level, const std::string& line) {
  if (state == trouble_)
    return;
  trouble_ = std::move(state);
  journal_.write(level, "autoscaler", target_ + ": " + line);
}

} // namespace chalkstream::monitoring
