#include "kafka/transactional_sink.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <thread>

namespace chalkstream::kafka {
namespace {

using namespace std::chrono_literals;

/// open() waits this long for the coordinator; later a window waits less, so that the membership is served meanwhile.
constexpr auto first_takeover = 30s;
constexpr auto later_takeover = 10s;
/// An unknown outcome must be known before anything else happens; after this the process gives up.
constexpr auto longest_doubt = 10min;
/// Being thrown out this often in a minute means that another process uses our name.
constexpr std::size_t most_takeovers = 3;
constexpr int most_attempts = 8;

bool says_fenced(const call_outcome& o) {
  return to_errc(o.code) == errc::fenced;
}

} // namespace

bool is_committed(const commit_window& window, std::span<const committed_offset> found) noexcept {
  // The transaction is all or nothing, and one position that carries its note proves it: another member may have
  // moved on with a partition that was ours.
  return std::any_of(window.positions.begin(), window.positions.end(), [&found](const commit_position& p) {
    return std::any_of(found.begin(), found.end(), [&p](const committed_offset& c) {
      return c.partition == p.partition && c.offset == p.offset && c.note == p.note;
    });
  });
}

result<void> transactional_sink::open() {
  fatal_.reset();
  takeovers_.clear();
  return renew(first_takeover);
}

result<void> transactional_sink::renew(duration within) {
  producer_.reset();
  CHALK_TRY(auto fresh, producer::make(member_, batch_bytes_));
  const auto outcome = fresh->take_over(clock::system().now() + within);
  if (outcome.next != remedy::none)
    return {to_errc(outcome.code),
            "the transactional id " + instance_name(member_->settings) + " could not be taken over: " + outcome.text};
  producer_ = std::move(fresh);
  return {};
}

result<commit_outcome> transactional_sink::commit(const commit_window& window) {
  if (fatal_)
    return *fatal_;
  if (window.positions.empty()) {
    if (!window.outputs.empty())
      return {errc::invalid_argument, "a window with outputs needs the positions they belong to"};
    return commit_outcome::committed;
  }
  replaced_.assign(window.outputs.size(), false);
  auto& counters = *member_->counters;
  for (int tries = 0; tries < most_attempts; ++tries) {
    if (!producer_) {
      ++counters.new_instances;
      if (auto renewed = renew(later_takeover); !renewed) {
        if (renewed.error().code == errc::invalid_configuration || renewed.error().code == errc::unsupported)
          member_->out->error("kafka", renewed.error().message);
        else
          member_->out->warning("kafka", renewed.error().message);
        break;
      }
    }
    switch (transact(window)) {
    case attempt::committed:
      ++counters.commits;
      counters.claim_checks += static_cast<std::uint64_t>(std::count(replaced_.begin(), replaced_.end(), true));
      if (producer_->take_trouble())
        producer_.reset();
      return commit_outcome::committed;
    case attempt::too_large:
      continue;
    case attempt::outdated:
      ++counters.retries;
      continue;
    case attempt::unknown:
      return resolve(window);
    case attempt::not_committed:
      if (fatal_)
        return *fatal_;
      ++counters.aborts;
      return commit_outcome::not_committed;
    }
  }
  ++counters.aborts;
  return commit_outcome::not_committed;
}

transactional_sink::attempt transactional_sink::transact(const commit_window& window) {
  const auto& settings = member_->settings;
  if (auto begun = producer_->begin(); begun.next != remedy::none)
    return give_up(begun, false);
  for (std::size_t i = 0; i < window.outputs.size(); ++i) {
    const auto& o = window.outputs[i];
    auto put = call_outcome{};
    if (!replaced_[i] && wire_bytes(o) <= settings.max_message_bytes)
      put = producer_->enqueue(o, i);
    else
      put.code = RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
    if (is_too_large(put.code)) {
      replaced_[i] = true;
      put = producer_->enqueue(claim_check(o, settings.topic, settings.engine), i);
    }
    if (put.next != remedy::none)
      return give_up(put, true);
  }
  auto done = producer_->send_offsets_and_commit(window.positions);
  if (done.next == remedy::none)
    return attempt::committed;
  if (done.in_doubt) {
    member_->out->warning("kafka", "the outcome of a commit is unknown: " + done.text);
    if (says_fenced(done) && !note_fenced(done))
      return attempt::not_committed;
    return attempt::unknown;
  }
  if (done.code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION && done.next == remedy::abort) {
    // Nothing is revoked while this thread is here, so what was not lost is ours under the next generation as well. A
    // member that was forgotten is found out when its membership is taken.
    const auto given_up = give_up(done, true);
    return member_->lost() ? given_up : attempt::outdated;
  }

  const auto failed = producer_->take_failures();
  const auto result = give_up(done, true); // may end the producer
  std::vector<producer::failure> refused;
  for (const auto& f : failed) {
    if (f.code == RD_KAFKA_RESP_ERR__PURGE_QUEUE || f.code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
      continue; // fell with the transaction
    if (is_too_large(f.code))
      refused.push_back(f);
    else if (&f == &failed.front())
      member_->out->warning("kafka", "a message was not accepted: " + describe(f.code));
    // The broker has not seen the sequence numbers of what it refused, and would miss them in the next transaction.
    producer_.reset();
  }
  if (refused.empty())
    return result;
  make_room(window, refused);
  return attempt::too_large;
}

transactional_sink::attempt transactional_sink::give_up(const call_outcome& why, bool begun) {
  const bool expected = why.code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION; // in a rebalance
  member_->out->write(expected ? log_level::info : log_level::warning, "kafka",
                      "a transaction is given up: " + why.text);
  bool usable = why.next == remedy::abort;
  if (usable && begun) {
    // A failed abort leaves nothing visible either; the next producer ends what this one left open.
    if (const auto aborted = producer_->abort(); aborted.next != remedy::none) {
      member_->out->warning("kafka", aborted.text);
      usable = false;
      if (says_fenced(aborted))
        static_cast<void>(note_fenced(aborted));
    }
  } else if (says_fenced(why)) {
    static_cast<void>(note_fenced(why));
  }
  if (!usable)
    producer_.reset();
  return attempt::not_committed;
}

// A transaction that outlived its time is fenced by the coordinator just as one whose name was taken over. Time tells
// them apart only roughly, but only the second kind comes back at once.
result<void> transactional_sink::note_fenced(const call_outcome& why) {
  const auto now = clock::system().now();
  takeovers_.push_back(now);
  while (now - takeovers_.front() > 1min)
    takeovers_.pop_front();
  if (takeovers_.size() > most_takeovers)
    fatal_ = error{errc::fenced, "another process uses the transactional id " + instance_name(member_->settings)
                                     + ": give each its own instance (" + why.text + ")"};
  return fatal_ ? result<void>{*fatal_} : result<void>{};
}

void transactional_sink::make_room(const commit_window& window, const std::vector<producer::failure>& refused) {
  const bool all_alone = batch_bytes_ == 1 || std::all_of(refused.begin(), refused.end(), [&](const auto& f) {
                           return wire_bytes(window.outputs[f.index]) > batch_bytes_;
                         });
  if (all_alone) {
    for (const auto& f : refused)
      replaced_[f.index] = true;
    return;
  }
  // Innocent ones may have been refused for the batch they were in.
  batch_bytes_ = smaller_batch(batch_bytes_);
  member_->out->info("kafka", "a topic accepts smaller batches only: " + std::to_string(batch_bytes_) + " bytes now");
}

result<commit_outcome> transactional_sink::resolve(const commit_window& window) {
  auto& counters = *member_->counters;
  ++counters.unknown_outcomes;
  std::vector<std::int32_t> partitions;
  for (const auto& p : window.positions)
    partitions.push_back(p.partition);
  const auto deadline = clock::system().now() + longest_doubt;
  producer_.reset();
  while (clock::system().now() < deadline) {
    result<void> renewed;
    if (!producer_) {
      ++counters.new_instances;
      renewed = renew(later_takeover);
    }
    if (renewed) {
      auto found = member_->committed(partitions, 5s);
      if (found) {
        const bool visible = is_committed(window, *found);
        ++(visible ? counters.commits : counters.aborts);
        member_->out->info("kafka",
                           visible ? "the commit in doubt had been made" : "the commit in doubt had not been made");
        return visible ? commit_outcome::committed : commit_outcome::not_committed;
      }
      member_->out->warning("kafka", found.error().message);
    } else {
      member_->out->warning("kafka", renewed.error().message);
    }
    // The partitions went to others meanwhile: they read the offsets for themselves, and our copy will be dropped.
    if (member_->lost()) {
      ++counters.aborts;
      return commit_outcome::not_committed;
    }
    std::this_thread::sleep_for(100ms);
  }
  return {errc::unavailable, "what became of a commit could not be found out in time; a restart reads it back"};
}

} // namespace chalkstream::kafka
