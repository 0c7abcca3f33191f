// Drives one session from a test's thread and remembers what it brought.
#pragma once

#include "kafka/embedded_broker.hpp"
#include "kafka/session.hpp"
#include "kafka/topic_reader.hpp"
#include "tests/support/collecting_log.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace chalkstream::test {

/// A name no other test uses.
std::string unique_name(const std::string& stem);

/// Settings for a fresh group over fresh topics "in", "out" and "dead" of this broker.
kafka::session_settings fresh_settings(const std::string& brokers, const std::string& stem);

/// The same on the embedded broker, with its topics (four partitions each) made.
kafka::session_settings fresh_settings(kafka::embedded_broker& broker, const std::string& stem);

/// Makes the three topics of the settings; fails the test if it cannot.
void make_topics(const kafka::session_settings& s, int partitions = 1);

/// Writes values "0", "1", … (with the same as key) to one partition, or by key for -1.
void write_numbers(const std::string& brokers, const std::string& topic, int count, std::int32_t partition = 0,
                   int first = 0);

/// All values of a topic, read to its end. Nulls are "<null>".
std::vector<std::string> values_of(const std::string& brokers, const std::string& topic,
                                   kafka::isolation level = kafka::isolation::committed);
/// The same as records.
std::vector<record> records_of(const std::string& brokers, const std::string& topic,
                               kafka::isolation level = kafka::isolation::committed);

struct group_offset {
  std::int64_t offset = -1;
  std::string note;
};
/// What the group's coordinator holds.
group_offset offset_of(const std::string& brokers, const std::string& group, const std::string& topic,
                       std::int32_t partition);

/// Bytes that do not compress.
std::string noise(std::size_t bytes);

/// A result made of a number.
output result_of(const std::string& value, std::int32_t partition = 0, std::int64_t offset = 0);
/// A window of results and one position.
commit_window window_of(std::vector<std::string> values, std::int64_t next_offset, std::string note,
                        std::int32_t partition = 0);

/// Puts the seconds since its making before each message.
class stamping_log final : public log {
public:
  explicit stamping_log(log& to) : to_(to) {}
  void write(log_level level, std::string_view component, std::string_view message) override;

private:
  log& to_;
  time_point made_ = clock::system().now();
};

class session_driver {
public:
  explicit session_driver(kafka::session_settings s);
  ~session_driver();

  /// Opens source and sink; fails the test if it cannot.
  void open();
  /// Polls until `done` or the time is up; the answer says which.
  bool poll_until(const std::function<bool()>& done, std::chrono::milliseconds within = std::chrono::seconds(20),
                  std::size_t max_records = 1000);
  bool wait_for_records(std::size_t count);
  bool wait_for_partitions(std::size_t count);

  commit_outcome commit(const commit_window& window);
  void release(std::vector<std::int32_t> partitions);
  void close();

  kafka::session_settings settings;
  collecting_log lines;
  stamping_log log{lines};
  kafka::session session;
  std::vector<record> records;
  std::map<std::int32_t, assigned_partition> assigned;
  std::set<std::int32_t> revoking;
  std::vector<std::int32_t> lost;
  std::optional<error> failure;
  std::atomic<int> wake_ups{0};
};

} // namespace chalkstream::test
