// Looks topics up before anything is consumed, and makes the output topics that are missing.
#pragma once

#include "kafka/session.hpp"

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

namespace chalkstream::kafka {

struct topic_wish {
  std::string name;
  /// For a topic that is made; 0 takes as many as the session's input topic has.
  int partitions = 0;
  /// Make it if it is missing. Without this a missing topic is an error that names it and the topics it may be a
  /// misspelling of.
  bool create = false;
};

/// Waits for a broker and for new topics to be ready, `timeout` at most. A topic that is made accepts messages as
/// large as the session sends. Works on the embedded broker too, where every topic appears when it is asked for.
result<void> ensure_topics(const session_settings& settings, std::span<const topic_wish> wishes,
                           std::chrono::milliseconds timeout, log& out);

/// Of the session's input topic, as it is now. A topic that does not exist is `not_found`. Blocks, `timeout` at most.
result<std::size_t> count_partitions(const session_settings& settings, std::chrono::milliseconds timeout, log& out);

} // namespace chalkstream::kafka
