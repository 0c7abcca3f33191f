#include "tests/kafka/session_driver.hpp"

#include "kafka/client_conf.hpp"
#include "kafka/consumer.hpp"
#include "kafka/topic_writer.hpp"
#include "kafka/topics.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <iostream>
#include <random>
#include <stdexcept>
#include <thread>
#include <unistd.h>

namespace chalkstream::test {

using namespace std::chrono_literals;

std::string unique_name(const std::string& stem) {
  static std::atomic<int> count{0};
  return stem + "." + std::to_string(::getpid()) + "." + std::to_string(++count);
}

kafka::session_settings fresh_settings(const std::string& brokers, const std::string& stem) {
  kafka::session_settings s;
  const auto name = unique_name(stem);
  s.brokers = brokers;
  s.group = name;
  s.topic = name + ".in";
  s.results_topic = name + ".out";
  s.dead_letters_topic = name + ".dead";
  s.session_timeout = 6s;
  s.transaction_timeout = 5s;
  return s;
}

kafka::session_settings fresh_settings(kafka::embedded_broker& broker, const std::string& stem) {
  auto s = fresh_settings(broker.bootstrap(), stem);
  s.client = kafka::embedded_broker::client();
  for (const auto& topic : {s.topic, s.results_topic, s.dead_letters_topic})
    EXPECT_TRUE(broker.create({topic, 4}));
  return s;
}

void make_topics(const kafka::session_settings& s, int partitions) {
  const std::vector<kafka::topic_wish> wishes = {
      {s.topic, partitions, true}, {s.results_topic, partitions, true}, {s.dead_letters_topic, 1, true}};
  const auto made = kafka::ensure_topics(s, wishes, 30s, log::none());
  ASSERT_TRUE(made) << to_string(made.error());
}

void write_numbers(const std::string& brokers, const std::string& topic, int count, std::int32_t partition,
                   int first) {
  auto writer = kafka::topic_writer::make(brokers, topic, {}, log::none());
  ASSERT_TRUE(writer) << to_string(writer.error());
  for (int i = first; i < first + count; ++i) {
    const auto text = std::to_string(i);
    kafka::new_record r;
    r.key = text;
    r.value = text;
    r.partition = partition;
    ASSERT_TRUE(writer->write(r));
  }
  const auto done = writer->flush(20s);
  ASSERT_TRUE(done) << to_string(done.error());
}

std::vector<record> records_of(const std::string& brokers, const std::string& topic, kafka::isolation level) {
  std::vector<record> all;
  auto reader = kafka::topic_reader::open(brokers, topic, level, {}, 10s, log::none());
  EXPECT_TRUE(reader) << to_string(reader.error());
  if (!reader)
    return all;
  const auto deadline = clock::system().now() + 20s;
  while (!reader->at_end() && clock::system().now() < deadline) {
    auto some = reader->read(10000, 200ms);
    EXPECT_TRUE(some) << to_string(some.error());
    if (!some)
      break;
    all.insert(all.end(), some->begin(), some->end());
  }
  EXPECT_TRUE(reader->at_end()) << topic << " could not be read to its end";
  return all;
}

std::vector<std::string> values_of(const std::string& brokers, const std::string& topic, kafka::isolation level) {
  std::vector<std::string> values;
  for (const auto& r : records_of(brokers, topic, level))
    values.emplace_back(r.value ? *r.value : "<null>");
  return values;
}

group_offset offset_of(const std::string& brokers, const std::string& group, const std::string& topic,
                       std::int32_t partition) {
  kafka::session_settings s;
  s.brokers = brokers;
  s.group = group;
  s.topic = topic;
  s.static_membership = false;
  kafka::member observer{s, log::none()};
  observer.link = std::make_shared<kafka::connection>(log::none());
  auto client = kafka::consumer_conf(s).make_consumer(observer.link->context);
  EXPECT_TRUE(client) << to_string(client.error());
  observer.link->client = std::move(*client);
  const std::int32_t one[] = {partition};
  const auto found = observer.committed(one, 10s);
  EXPECT_TRUE(found) << to_string(found.error());
  return found ? group_offset{found->front().offset, found->front().note} : group_offset{};
}

std::string noise(std::size_t bytes) {
  std::mt19937 random{42};
  std::string text(bytes, '\0');
  for (auto& c : text)
    c = static_cast<char>(random());
  return text;
}

output result_of(const std::string& value, std::int32_t partition, std::int64_t offset) {
  output o;
  o.key = value;
  o.value = value;
  o.partition = partition;
  o.offset = offset;
  return o;
}

commit_window window_of(std::vector<std::string> values, std::int64_t next_offset, std::string note,
                        std::int32_t partition) {
  commit_window w;
  for (const auto& v : values)
    w.outputs.push_back(result_of(v, partition, next_offset - 1));
  w.positions.push_back({partition, next_offset, std::move(note)});
  return w;
}

void stamping_log::write(log_level level, std::string_view component, std::string_view message) {
  const auto seconds = std::chrono::duration<double>(clock::system().now() - made_).count();
  to_.write(level, component, std::to_string(seconds) + " " + std::string{message});
}

session_driver::session_driver(kafka::session_settings s) : settings(std::move(s)) {
  auto made = kafka::make_session(settings, log);
  if (!made)
    throw std::runtime_error(to_string(made.error()));
  session = std::move(*made);
}

session_driver::~session_driver() {
  close();
  records.clear();
  session = {};
  if (testing::Test::HasFailure())
    for (const auto& line : lines.lines())
      std::cerr << settings.instance << " [" << static_cast<int>(line.level) << "] " << line.message << '\n';
}

void session_driver::open() {
  const auto source = session.source->open([this] { ++wake_ups; });
  ASSERT_TRUE(source) << to_string(source.error());
  const auto sink = session.sink->open();
  ASSERT_TRUE(sink) << to_string(sink.error());
}

bool session_driver::poll_until(const std::function<bool()>& done, std::chrono::milliseconds within,
                                std::size_t max_records) {
  const auto deadline = clock::system().now() + within;
  while (!done()) {
    if (failure || clock::system().now() > deadline)
      return false;
    auto in = session.source->poll(max_records);
    if (!in) {
      failure = in.error();
      continue;
    }
    for (const auto p : in->lost) {
      assigned.erase(p);
      revoking.erase(p);
      lost.push_back(p);
    }
    for (const auto p : in->revoking)
      revoking.insert(p);
    for (auto& a : in->assigned)
      assigned[a.partition] = a;
    for (auto& r : in->records) {
      EXPECT_TRUE(assigned.contains(r.partition) && !revoking.contains(r.partition))
          << "a record of a partition that "
             "is not ours";
      records.push_back(std::move(r));
    }
    if (in->records.empty())
      std::this_thread::sleep_for(2ms);
  }
  return true;
}

bool session_driver::wait_for_records(std::size_t count) {
  return poll_until([&] { return records.size() >= count; });
}

bool session_driver::wait_for_partitions(std::size_t count) {
  return poll_until([&] { return assigned.size() == count; });
}

commit_outcome session_driver::commit(const commit_window& window) {
  const auto outcome = session.sink->commit(window);
  EXPECT_TRUE(outcome) << to_string(outcome.error());
  return outcome ? *outcome : commit_outcome::not_committed;
}

void session_driver::release(std::vector<std::int32_t> partitions) {
  session.source->release(partitions);
  for (const auto p : partitions) {
    assigned.erase(p);
    revoking.erase(p);
  }
}

void session_driver::close() {
  if (session.sink)
    session.sink->close();
  if (session.source)
    session.source->close();
}

} // namespace chalkstream::test
