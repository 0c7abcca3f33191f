#include "pipelines/tools/line_ports.hpp"

#include "education/json_writer.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <istream>
#include <mutex>
#include <ostream>
#include <thread>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::string_view shared_key = "line";

class line_source final : public record_source {
public:
  line_source(std::istream& in, std::size_t ahead) : in_(in), ahead_(ahead) {}
  ~line_source() override { close(); }

  result<void> open(std::function<void()> ready) override {
    ready_ = std::move(ready);
    reader_ = std::thread([this] { read(); });
    return {};
  }

  result<intake> poll(std::size_t max_records) override {
    intake news;
    if (!std::exchange(announced_, true))
      news.assigned.push_back({});
    news.joined = true;
    const std::lock_guard lock(mutex_);
    const auto count = std::min(max_records, lines_.size());
    for (std::size_t i = 0; i < count; ++i) {
      auto line = std::make_shared<const std::string>(std::move(lines_.front()));
      lines_.pop_front();
      record r;
      r.value = *line;
      r.memory = std::move(line);
      r.offset = next_++;
      r.key = shared_key;
      r.timestamp = clock::system().wall_now();
      news.records.push_back(std::move(r));
    }
    news.ended = ended_ && lines_.empty();
    room_.notify_one();
    return news;
  }

  void release(std::span<const std::int32_t>) override {}
  void pause() override {}
  void resume() override {}
  std::int64_t lag() const override { return 0; }

  void close() override {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
      room_.notify_one();
    }
    if (reader_.joinable())
      reader_.join();
  }

private:
  void read() {
    std::string line;
    while (std::getline(in_, line)) {
      std::unique_lock lock(mutex_);
      room_.wait(lock, [this] { return closing_ || lines_.size() < ahead_; });
      if (closing_)
        return;
      lines_.push_back(std::move(line));
      lock.unlock();
      ready_();
    }
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    ready_();
  }

  std::istream& in_;
  std::size_t ahead_;
  std::function<void()> ready_;
  std::thread reader_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::deque<std::string> lines_;
  bool ended_ = false;
  bool closing_ = false;
  bool announced_ = false;
  std::int64_t next_ = 0;
};

class line_sink final : public result_sink {
public:
  line_sink(std::ostream& out, std::shared_ptr<line_counts> counts) : out_(out), counts_(std::move(counts)) {}

  result<void> open() override { return {}; }

  result<commit_outcome> commit(const commit_window& window) override {
    // One partition, and offsets are line numbers: a window may be put together in another order than it was read.
    std::vector<const output*> lines;
    for (const auto& o : window.outputs)
      lines.push_back(&o);
    std::sort(lines.begin(), lines.end(), [](auto* a, auto* b) { return a->offset < b->offset; });
    for (const auto* o : lines) {
      if (o->to == destination::results) {
        out_ << o->value << '\n';
        ++counts_->results;
      } else {
        out_ << rejected_line(*o) << '\n';
        ++counts_->rejected;
      }
    }
    if (!out_.flush())
      return {errc::io, "the output cannot be written"};
    return commit_outcome::committed;
  }

  void close() override {}

private:
  static std::string rejected_line(const output& o) {
    std::string reason;
    for (const auto& h : o.headers)
      if (h.value && (h.name == "chalkstream_reason" || h.name == "chalkstream_detail"))
        reason.append(reason.empty() ? "" : ": ").append(*h.value);
    std::string text;
    education::json_writer json{text};
    json.begin_object().key("id").null();
    json.key("line").number(static_cast<std::uint64_t>(o.offset + 1));
    json.key("error").string(reason).end_object();
    return text;
  }

  std::ostream& out_;
  std::shared_ptr<line_counts> counts_;
};

} // namespace

std::unique_ptr<record_source> make_line_source(std::istream& in, std::size_t ahead) {
  return std::make_unique<line_source>(in, ahead);
}

std::unique_ptr<result_sink> make_line_sink(std::ostream& out, std::shared_ptr<line_counts> counts) {
  return std::make_unique<line_sink>(out, std::move(counts));
}

reply failed_line(std::string_view id, std::string_view why) {
  reply answer;
  answer.value.append("{\"id\":").append(id).append(",\"error\":");
  education::json_writer{answer.value}.string(why);
  answer.value.append("}");
  answer.review = true;
  return answer;
}

} // namespace chalkstream::pipelines::tools
