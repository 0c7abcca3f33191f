// What tests do to a broker behind a session's back.
#pragma once

#include "kafka/session.hpp"

#include <cstdint>
#include <string>

namespace chalkstream::test {

/// Sets max.message.bytes of a topic.
void set_topic_limit(const std::string& brokers, const std::string& topic, int bytes);

/// The log starts at `offset` from now on.
void delete_records_before(const std::string& brokers, const std::string& topic, std::int32_t partition,
                           std::int64_t offset);

/// Leaves behind what a process does that is killed before its commit: a result and an offset in an open transaction
/// of this session's name. The group must be empty.
void leave_a_transaction_open(const kafka::session_settings& s, const std::string& value, std::int64_t offset);

} // namespace chalkstream::test
