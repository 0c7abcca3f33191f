// One membership of a consumer group with the producer that answers it: the record source and the result sink of a
// pipeline. Nothing is contacted before open().
//
// Source and sink share one consumer: a transaction needs the consumer's group membership at the moment it is sent,
// and the outcome of an interrupted commit is read back through it. Open the source first; close the sink first.
// Records stay valid after both are gone.
#pragma once

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/record_source.hpp"
#include "core/result_sink.hpp"
#include "kafka/session_counters.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace chalkstream::kafka {

enum class delivery : std::uint8_t { exactly_once, at_least_once };

/// librdkafka's own names and values (security.protocol, ssl.ca.location, sasl.mechanism, …).
using client_properties = std::vector<std::pair<std::string, std::string>>;

struct session_settings {
  /// host:port,…
  std::string brokers;
  std::string group;
  /// Tells processes of one host apart; must be stable across restarts and never shared by two that live at the same
  /// time. transactional.id and group.instance.id are made of group, host and this.
  std::string instance = "0";
  std::string topic;
  std::string results_topic;
  std::string dead_letters_topic;
  delivery guarantee = delivery::exactly_once;
  client_properties client;
  /// A dead process is noticed after this.
  std::chrono::milliseconds session_timeout{10000};
  /// A dead process's open transaction stops hiding newer results from readers after this.
  std::chrono::milliseconds transaction_timeout{15000};
  /// The largest result or dead letter that is sent; what is larger becomes a claim check (see outgoing.hpp). The
  /// topic's own limit applies too.
  std::size_t max_message_bytes = 16'777'216;
  /// A restarted process gets its partitions back without a rebalance. Used where librdkafka is 2.10 or later.
  bool static_membership = true;
  /// Program and version, for the header chalkstream_engine.
  std::string engine = "chalkstream";
};

struct session {
  std::unique_ptr<record_source> source;
  std::unique_ptr<result_sink> sink;
  std::shared_ptr<const session_counters> counters;
};

/// Checks the settings first; `out` must outlive source, sink and every record.
result<session> make_session(const session_settings& settings, log& out);

/// Every name and value, and what they mean together (a missing certificate file too), without contacting anybody.
/// The error carries librdkafka's message. Refuses what this engine must decide itself (group.id, enable.auto.commit,
/// …), mock clusters and plug-ins, and says why.
result<void> check_settings(const session_settings& settings);

/// "2.14.2".
std::string library_version();

} // namespace chalkstream::kafka
