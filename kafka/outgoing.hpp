// Hands outputs to a producer, and what takes their place when they are too large; internal to this folder.
//
// A result that a broker refuses for its size becomes a claim check in the dead-letter topic: the same key, no value,
// and headers that name the reason and the source. An oversize dead letter keeps its own headers and loses its value.
// Two limits exist: the client's own (known when produce is called) and the topic's, which speaks of whole batches
// and is only learnt from a refusal. So after a refusal batches are first made smaller, until a refused output was
// alone in its batch and is guilty without doubt.
#pragma once

#include "core/result_sink.hpp"
#include "kafka/client_conf.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace chalkstream::kafka {

/// What an output weighs in a batch, generously.
std::size_t wire_bytes(const output& o) noexcept;

/// The claim check for `o`, which came from `topic`.
output claim_check(const output& o, std::string_view topic, std::string_view engine);

/// The topics of a producer, looked up once.
class output_topics {
public:
  output_topics(rd_kafka_s* producer, const session_settings& settings);

  /// Copies the output into the producer's queue; returns librdkafka's code, 0 if it took it. Never blocks. `tag`
  /// comes back with a failed delivery.
  int produce(const output& o, std::uintptr_t tag) const;

private:
  rd_kafka_s* producer_;
  topic_ptr results_;
  topic_ptr dead_letters_;
};

/// Batches start at this size (librdkafka's default) ...
inline constexpr std::size_t first_batch_bytes = 1'000'000;
/// ... and shrink to at most one output each.
std::size_t smaller_batch(std::size_t bytes) noexcept;

} // namespace chalkstream::kafka
