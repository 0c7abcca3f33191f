#include "pipelines/tools/load.hpp"

#include "core/clock.hpp"
#include "education/json_writer.hpp"
#include "pipelines/tools/topic_io.hpp"

#include <algorithm>
#include <fstream>
#include <mutex>
#include <random>
#include <simdjson.h>
#include <thread>
#include <unordered_map>

namespace chalkstream::pipelines::tools {

namespace {

using steady = std::chrono::steady_clock;

result<std::vector<std::string>> read_texts(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::vector<std::string> texts;
  simdjson::dom::parser parser;
  for (std::string line; std::getline(in, line);) {
    std::string_view text;
    if (parser.parse(line)["text"].get_string().get(text) == simdjson::SUCCESS)
      texts.emplace_back(text);
  }
  if (texts.empty())
    return {errc::invalid_argument, file.string() + " holds no JSON line with a `text`"};
  return texts;
}

std::string made_up_text(std::size_t bytes, std::mt19937& random) {
  static constexpr std::string_view words[] = {"light ", "plants ", "energy ", "because ", "water ", "the ",
                                               "sugar ", "into ",   "turn ",   "which ",   "leaves ", "store "};
  std::string text;
  while (text.size() < bytes)
    text.append(words[random() % std::size(words)]);
  text.resize(bytes);
  return text;
}

std::string make_event(const std::string& id, const std::string& type, std::size_t learner, const std::string& text) {
  std::string out;
  education::json_writer json{out};
  json.begin_object();
  json.key("id").string(id).key("tenant").string("bench");
  json.key("learner").string("learner-" + std::to_string(learner % 997));
  json.key("course").string("load").key("assignment").string("load").key("item").string("1");
  json.key("type").string(type).key("text").string(text).end_object();
  return out;
}

// Which events are out, and how long those that came back took.
class board {
public:
  void sent(const std::string& id) {
    const std::lock_guard lock(mutex_);
    out_.emplace(id, steady::now());
  }

  void seen(const std::string& id) {
    const std::lock_guard lock(mutex_);
    auto at = out_.find(id);
    if (at == out_.end()) {
      ++unknown_;
      return;
    }
    last_ = steady::now();
    took_.push_back(in_seconds(last_ - at->second));
    out_.erase(at);
  }

  std::size_t answered() const {
    const std::lock_guard lock(mutex_);
    return took_.size();
  }

  load_report report(std::size_t sent, steady::time_point from) const {
    const std::lock_guard lock(mutex_);
    load_report r;
    r.sent = sent;
    r.answered = took_.size();
    r.repeated = unknown_;
    if (took_.empty())
      return r;
    auto sorted = took_;
    std::sort(sorted.begin(), sorted.end());
    const auto at = [&](double q) { return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))]; };
    r.seconds = in_seconds(last_ - from);
    r.p50 = at(0.5);
    r.p90 = at(0.9);
    r.p99 = at(0.99);
    return r;
  }

private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, steady::time_point> out_;
  std::vector<double> took_;
  std::size_t unknown_ = 0;
  steady::time_point last_{};
};

} // namespace

result<load_report> run_load(const load_settings& settings, log& journal, const std::function<bool()>& over) {
  std::mt19937 random{7};
  std::vector<std::string> texts{made_up_text(settings.text_bytes, random)};
  if (!settings.documents.empty()) {
    CHALK_TRY(texts, read_texts(settings.documents));
  }
  CHALK_TRY(auto sender, event_sender::make(settings.brokers, settings.topic, journal));
  CHALK_TRY(auto watcher, result_watcher::make(settings.brokers, settings.results, journal));
  // Ids of this run alone: the results topic may hold those of earlier ones.
  const auto run = std::to_string(std::chrono::system_clock::now().time_since_epoch().count());
  board events;
  std::atomic<bool> done{false};
  result<void> reading;
  std::thread reader([&] {
    simdjson::dom::parser parser;
    while (!done.load()) {
      auto seen = watcher->read(std::chrono::milliseconds(100));
      if (!seen) {
        reading = seen.error();
        return;
      }
      for (const auto& s : *seen) {
        std::string_view id;
        if (parser.parse(s.value)["event"].get_string().get(id) == simdjson::SUCCESS && id.starts_with(run))
          events.seen(std::string{id});
      }
    }
  });
  std::exponential_distribution<double> gap{settings.rate > 0 ? settings.rate : 1};
  const auto from = steady::now();
  auto next = from;
  std::size_t sent = 0;
  result<void> sending;
  for (; sent < settings.count && sending && !over(); ++sent) {
    if (settings.rate > 0) {
      std::this_thread::sleep_until(next);
      next += of_seconds(gap(random));
    }
    const auto id = run + "-" + std::to_string(sent);
    events.sent(id);
    sending = sender->send(id, make_event(id, settings.type, sent, texts[sent % texts.size()]));
  }
  if (sending)
    sending = sender->flush(std::chrono::seconds(30));
  while (sending && events.answered() < sent && !over() && steady::now() - from < settings.timeout)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  done.store(true);
  reader.join();
  CHALK_CHECK(sending);
  CHALK_CHECK(reading);
  return events.report(sent, from);
}

} // namespace chalkstream::pipelines::tools
