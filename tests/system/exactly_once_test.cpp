// Bar: under SIGKILL and members that come and go, every input has exactly one result or dead letter, in its key's
// order, for a reader of committed records; and a reader of uncommitted ones sees that the kills struck.
#include "kafka/topic_reader.hpp"
#include "kafka/topic_writer.hpp"
#include "kafka/topics.hpp"
#include "tests/kafka/isolation.hpp"
#include "tests/kafka/real_broker.hpp"
#include "tests/support/collecting_log.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iostream>
#include <librdkafka/rdkafka.h>
#include <map>
#include <random>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace chalkstream::test {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr int partitions = 4;
constexpr int keys = 200;

std::string setting(const char* name, const std::string& otherwise) {
  const char* given = std::getenv(name);
  return given && *given ? given : otherwise;
}

/// The program in a process of its own; what it prints goes to `output`.
class engine_process {
public:
  engine_process(std::string configuration, std::string output)
      : configuration_(std::move(configuration)), output_(std::move(output)) {}
  ~engine_process() { end(SIGKILL); }
  engine_process(const engine_process&) = delete;
  engine_process& operator=(const engine_process&) = delete;

  void start() {
    const auto program = setting("CHALKSTREAM_PROGRAM", CHALKSTREAM_PROGRAM);
    const auto libraries = setting("CHALKSTREAM_LIBRARY_PATH", "");
    std::error_code absent;
    printed_before_ = std::filesystem::file_size(output_, absent);
    if (absent)
      printed_before_ = 0;
    pid_ = fork();
    if (pid_ != 0)
      return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = open(output_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    if (!libraries.empty())
      setenv("LD_LIBRARY_PATH", libraries.c_str(), 1);
    execl(program.c_str(), program.c_str(), "serve", "--config", configuration_.c_str(), nullptr);
    _exit(127);
  }

  /// Whether it has said that it is consuming.
  bool ready() const {
    std::ifstream printed(output_);
    printed.seekg(static_cast<std::streamoff>(printed_before_));
    const std::string text((std::istreambuf_iterator<char>(printed)), {});
    return text.find("ready") != std::string::npos;
  }

  bool await_ready(std::chrono::seconds within) const {
    for (const auto limit = steady::now() + within; !ready(); std::this_thread::sleep_for(50ms))
      if (steady::now() > limit)
        return false;
    return true;
  }

  /// The exit status as waitpid() tells it.
  int end(int signal) {
    if (pid_ <= 0)
      return 0;
    ::kill(pid_, signal);
    int status = 0;
    const auto limit = steady::now() + 40s;
    while (waitpid(pid_, &status, WNOHANG) == 0) {
      if (steady::now() > limit)
        ::kill(pid_, SIGKILL);
      std::this_thread::sleep_for(5ms);
    }
    pid_ = -1;
    return status;
  }

private:
  std::string configuration_;
  std::string output_;
  std::uintmax_t printed_before_ = 0; // by earlier processes
  pid_t pid_ = -1;
};

struct seen {
  std::map<std::string, int> times;
  std::map<std::string, int> last_of_key;
  std::uint64_t records = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t disorder = 0;
};

/// Results by their event, "key:number"; dead letters by "topic/partition/offset".
void read_all(const std::string& brokers, const std::string& topic, kafka::isolation level, bool results,
              seen& into) {
  collecting_log out;
  auto reader = kafka::topic_reader::open(brokers, topic, level, {}, 20s, out);
  ASSERT_TRUE(reader) << reader.error().message;
  for (const auto limit = steady::now() + 60s; steady::now() < limit;) {
    auto batch = reader->read(1000, 500ms);
    ASSERT_TRUE(batch) << batch.error().message;
    for (const auto& r : *batch) {
      std::string id;
      if (results) {
        id = nlohmann::json::parse(*r.value).at("event").get<std::string>();
        const auto colon = id.find(':');
        const int number = std::stoi(id.substr(colon + 1));
        auto& last = into.last_of_key.try_emplace(id.substr(0, colon), -1).first->second;
        into.disorder += number <= last ? 1 : 0;
        last = number;
      } else {
        for (const auto& h : r.headers)
          if (h.name == "chalkstream_source")
            id = h.value.value_or("");
      }
      ++into.records;
      into.duplicates += into.times[id]++ > 0 ? 1 : 0;
    }
    if (reader->at_end())
      return;
  }
  FAIL() << topic << " was not read to its end";
}

std::uint64_t records_not_committed(const std::string& brokers, const std::string& group, const std::string& topic) {
  char why[256];
  auto* settings = rd_kafka_conf_new();
  rd_kafka_conf_set(settings, "bootstrap.servers", brokers.c_str(), why, sizeof why);
  rd_kafka_conf_set(settings, "group.id", group.c_str(), why, sizeof why);
  auto* client = rd_kafka_new(RD_KAFKA_CONSUMER, settings, why, sizeof why);
  auto* list = rd_kafka_topic_partition_list_new(partitions);
  for (int p = 0; p < partitions; ++p)
    rd_kafka_topic_partition_list_add(list, topic.c_str(), p);
  EXPECT_EQ(rd_kafka_committed(client, list, 10000), RD_KAFKA_RESP_ERR_NO_ERROR);
  std::uint64_t behind = 0;
  for (int p = 0; p < partitions; ++p) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    EXPECT_EQ(rd_kafka_query_watermark_offsets(client, topic.c_str(), p, &low, &high, 10000),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    behind += static_cast<std::uint64_t>(high - std::max<std::int64_t>(list->elems[p].offset, 0));
  }
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_destroy(client);
  return behind;
}

/// Follows a topic as a reader of uncommitted records, to know when a transaction is open: records become visible
/// here as soon as they are written, some round trips before they are committed.
class transaction_watch {
public:
  transaction_watch(const std::string& brokers, const std::string& topic)
      : reader_(kafka::topic_reader::open(brokers, topic, kafka::isolation::uncommitted, {}, 20s, log_)) {}

  bool open() const { return static_cast<bool>(reader_); }

  /// Keeps up with the topic for `pause`.
  void follow(std::chrono::microseconds pause) {
    const auto until = steady::now() + pause;
    while (steady::now() < until)
      static_cast<void>(reader_->read(1000, 1ms));
  }

  /// Returns as soon as something new is written; false if nothing is within `patience`.
  bool await_write(std::chrono::milliseconds patience) {
    auto batch = reader_->read(1, patience);
    return batch && !batch->empty();
  }

private:
  collecting_log log_;
  result<kafka::topic_reader> reader_;
};

/// One run on topics of its own; `struck` says whether the control shows that a kill hit what had been written but
/// not committed. Without that the run has shown nothing.
void run_with_kills(int round, bool& struck) {
  const auto suffix = std::to_string(round);
  const auto in = "in" + suffix;
  const auto results_topic = "out" + suffix;
  const auto dead_topic = "dead" + suffix;
  const int total = std::stoi(setting("CHALK_EOS_RECORDS", "20000"));
  const auto seconds = std::stoi(setting("CHALK_EOS_SECONDS", "60"));
  const auto seed = static_cast<unsigned>(std::stoul(setting("CHALK_SEED", std::to_string(std::random_device{}()))));
  std::cout << "seed " << seed << std::endl;
  const auto folder =
      std::filesystem::temp_directory_path() / ("exactly-once-" + std::to_string(getpid()) + "-" + suffix);
  std::filesystem::create_directories(folder);
  const auto configuration = (folder / "chalkstream.yaml").string();
  const auto brokers = shared_broker().bootstrap();
  std::ofstream(configuration) << "kafka: {brokers: '" << brokers << "', group: eos" << suffix
                               << ", commit_interval: 20ms, commit_records: 64, partitions: " << partitions
                               << "}\nmonitoring: {listen: 127.0.0.1:0}\nstate_dir: state\npipelines:\n"
                                  "  numbers: {kind: echo, from: "
                               << in << ", to: " << results_topic << ", dead_letters: " << dead_topic << "}\n";
  kafka::session_settings topics;
  topics.brokers = brokers;
  topics.topic = in;
  const std::vector<kafka::topic_wish> wishes = {{in, partitions, true}};
  const auto made = kafka::ensure_topics(topics, wishes, 30s, log::none());
  ASSERT_TRUE(made) << made.error().message;
  engine_process first(configuration, (folder / "first.log").string());
  engine_process second(configuration, (folder / "second.log").string());
  first.start();

  collecting_log out;
  result<kafka::topic_writer> writer = kafka::topic_writer::make(brokers, in, {}, out);
  ASSERT_TRUE(writer) << writer.error().message;
  // The engine makes the topics: the first record waits for it.
  ASSERT_TRUE(first.await_ready(60s));
  const auto began = steady::now();
  int broken = 0;
  std::atomic<bool> written{false};
  std::thread writing([&] {
    for (int i = 0; i < total; ++i) {
      const auto key = "learner-" + std::to_string(i % keys);
      const bool bad = i % 50 == 49 - i / keys % 7; // spread over keys
      broken += bad ? 1 : 0;
      const auto value = bad ? std::string("not an event")
                             : R"({"id":")" + key + ":" + std::to_string(i / keys) + R"(","learner":")" + key
                                   + R"(","type":"essay","text":"words"})";
      if (!writer->write({.key = key, .value = value}))
        ADD_FAILURE() << "record " << i << " was not taken";
      if (i % 100 == 99)
        std::this_thread::sleep_until(began + std::chrono::milliseconds(1000LL * seconds * i / total));
    }
    const auto flushed = writer->flush(30s);
    EXPECT_TRUE(flushed);
    written = true;
  });

  // Every other kill is aimed at an open transaction: on a quiet machine one is open for a small part of the time,
  // and random kills alone may miss them all.
  transaction_watch transactions(brokers, results_topic);
  ASSERT_TRUE(transactions.open());
  std::mt19937 random(seed);
  int kills = 0;
  int aimed = 0;
  int joins = 0;
  bool joined = false;
  const auto pause = std::max(1500, seconds * 1000 / 16);
  for (const auto limit = steady::now() + 200s; (!written || kills < 10) && steady::now() < limit;) {
    transactions.follow(std::chrono::microseconds(std::uniform_int_distribution(pause * 700, pause * 1300)(random)));
    if (kills % 2 == 0 && transactions.await_write(2s))
      ++aimed;
    first.end(SIGKILL);
    ++kills;
    first.start();
    if (kills % 2 == 0) {
      if (joined) {
        EXPECT_TRUE(second.await_ready(60s));
        EXPECT_EQ(second.end(SIGTERM), 0) << "leaving";
      } else {
        second.start();
        ++joins;
      }
      joined = !joined;
    }
  }
  writing.join();
  const auto limit = steady::now() + 60s;
  auto behind = records_not_committed(brokers, "eos" + suffix + ".numbers", in);
  while (behind != 0 && steady::now() < limit) {
    std::this_thread::sleep_for(500ms);
    behind = records_not_committed(brokers, "eos" + suffix + ".numbers", in);
  }
  EXPECT_EQ(behind, 0u) << "records whose offsets are not committed";
  if (joined) {
    EXPECT_TRUE(second.await_ready(60s));
  }
  EXPECT_EQ(second.end(SIGTERM), 0);
  EXPECT_TRUE(first.await_ready(60s)); // a signal before that ends it as any program
  EXPECT_EQ(first.end(SIGTERM), 0);

  seen results;
  seen dead;
  seen all;
  seen all_dead;
  read_all(brokers, results_topic, kafka::isolation::committed, true, results);
  read_all(brokers, dead_topic, kafka::isolation::committed, false, dead);
  read_all(brokers, results_topic, kafka::isolation::uncommitted, true, all);
  read_all(brokers, dead_topic, kafka::isolation::uncommitted, false, all_dead);
  std::cout << total << " records, " << kills << " kills (" << aimed << " aimed at an open transaction), " << joins
            << " joins, " << results.times.size() << " results, " << dead.times.size() << " dead letters, duplicates "
            << results.duplicates + dead.duplicates << ", out of order " << results.disorder
            << ", duplicates uncommitted " << all.duplicates + all_dead.duplicates << ", aborted "
            << all.records + all_dead.records - results.records - dead.records << ", "
            << std::chrono::duration_cast<std::chrono::seconds>(steady::now() - began).count() << " s" << std::endl;
  EXPECT_GE(kills, 10);
  EXPECT_GE(joins, 2);
  EXPECT_EQ(results.times.size(), static_cast<std::size_t>(total - broken));
  EXPECT_EQ(dead.times.size(), static_cast<std::size_t>(broken));
  EXPECT_EQ(dead.times.count(""), 0u) << "a dead letter without its source";
  EXPECT_EQ(results.duplicates + dead.duplicates, 0u);
  EXPECT_EQ(results.disorder, 0u);
  struck = all.duplicates + all_dead.duplicates > 0;
  if (!testing::Test::HasFailure())
    std::filesystem::remove_all(folder);
  else
    std::cout << "logs in " << folder << std::endl;
}

TEST(exactly_once, every_record_has_one_result_or_dead_letter_though_processes_are_killed) {
  bool struck = false;
  for (int round = 0; round < 3 && !struck && !HasFailure(); ++round)
    run_with_kills(round, struck);
  EXPECT_TRUE(struck || HasFailure()) << "no kill struck what had been written but not committed: nothing was shown";
}

} // namespace
} // namespace chalkstream::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  chalkstream::test::isolate_network();
  if (const auto missing = chalkstream::test::real_broker::what_is_missing(); !missing.empty()) {
    std::cerr << "no real broker, no verdict: " << missing << '\n';
    return 1;
  }
  return RUN_ALL_TESTS();
}
