#include "pipelines/tools/scaling/trace_file.hpp"

#include "pipelines/configuration/spelling.hpp"
#include "pipelines/tools/training/data_file.hpp"
#include "pipelines/tools/training/delimited_text.hpp"
#include "pipelines/tools/training/images/inflate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::size_t most_text = std::size_t{1} << 30U;
constexpr std::array<std::string_view, 3> columns{"seconds", "records", "tokens"};

struct stretch {
  double begin = 0;
  double records = 0;
  double tokens = essay_tokens;
};

std::optional<double> number(std::string_view text, double most) {
  double value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value <= most))
    return {};
  return value;
}

// Reads rows until one is wrong.
class stretches_reader {
public:
  explicit stretches_reader(const std::filesystem::path& file) : file_(file) {}

  void take(const delimited_row& row) {
    if (wrong_)
      return;
    if (!row.mistake.empty())
      complain(row, std::string(row.mistake));
    else if (!named_)
      name(row);
    else
      add(row);
  }

  result<std::vector<stretch>> finish() {
    if (wrong_)
      return *wrong_;
    if (stretches_.size() < 2)
      return error{errc::invalid_argument, file_.string() + ": expected at least two stretches of time"};
    return std::move(stretches_);
  }

private:
  void complain(const delimited_row& row, const std::string& what) {
    wrong_ = error{errc::invalid_argument, file_.string() + ":" + std::to_string(row.line) + ": " + what};
  }

  void name(const delimited_row& row) {
    named_ = true;
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
      const auto* column = std::ranges::find(columns, row.fields[i]);
      if (column == columns.end())
        return complain(row, "unknown column '" + row.fields[i].substr(0, 60) + "'"
                                 + did_you_mean(row.fields[i], {columns.begin(), columns.end()}));
      at_[static_cast<std::size_t>(column - columns.begin())] = i;
    }
    for (std::size_t c = 0; c < 2; ++c)
      if (!at_[c])
        return complain(row, "the column '" + std::string(columns[c]) + "' is missing");
  }

  void add(const delimited_row& row) {
    const std::array most{longest_trace, static_cast<double>(most_trace_records), 1e6};
    stretch s;
    const std::array into{&s.begin, &s.records, &s.tokens};
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (!at_[c])
        continue;
      const auto text = *at_[c] < row.fields.size() ? std::string_view(row.fields[*at_[c]]) : std::string_view{};
      const auto value = number(text, most[c]);
      if (!value)
        return complain(row, std::string(columns[c]) + ": expected a number from 0 to "
                                 + std::to_string(static_cast<std::uint64_t>(most[c])) + ", found '"
                                 + std::string(text.substr(0, 60)) + "'");
      *into[c] = *value;
    }
    if (!stretches_.empty() && s.begin <= stretches_.back().begin)
      return complain(row, "seconds: it does not come after the row before it");
    records_ += s.records;
    if (records_ > static_cast<double>(most_trace_records))
      return complain(row, "there are more than " + std::to_string(most_trace_records) + " records by here");
    stretches_.push_back(s);
  }

  const std::filesystem::path& file_;
  bool named_ = false;
  std::array<std::optional<std::size_t>, 3> at_;
  double records_ = 0;
  std::vector<stretch> stretches_;
  std::optional<error> wrong_;
};

} // namespace

result<std::string> read_text(const std::filesystem::path& file) {
  if (file.extension() != ".gz")
    return read_data(file);
  CHALK_TRY(const auto packed, read_bytes(file));
  auto text = inflate_start(packed, wrapping::gzip, most_text);
  if (!text)
    return error{text.error().code, file.string() + ": " + text.error().message};
  if (text->size() == most_text)
    return error{errc::invalid_argument, file.string() + ": has more than a gigabyte unpacked"};
  return text;
}

result<arrival_trace> read_trace(const std::filesystem::path& file, const simulated_work& work, std::size_t scale,
                                 std::uint64_t seed) {
  CHALK_TRY(const auto text, read_text(file));
  stretches_reader rows(file);
  read_delimited(text, ',', true, [&rows](delimited_row&& row) { rows.take(row); });
  CHALK_TRY(const auto stretches, rows.finish());
  arrival_trace trace;
  trace.name = file.filename().string();
  trace.about = "arrivals as the file has them";
  trace.work = work;
  trace_random random(seed);
  double all = 0;
  for (const auto& s : stretches)
    all += s.records * static_cast<double>(scale);
  if (all > static_cast<double>(most_trace_records))
    return error{errc::invalid_argument, file.string() + ": " + std::to_string(scale)
                                             + " times its records are more than "
                                             + std::to_string(most_trace_records)};
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    const auto& s = stretches[i];
    const auto long_as =
        i + 1 < stretches.size() ? stretches[i + 1].begin - s.begin : s.begin - stretches[i - 1].begin;
    std::vector<double> moments(static_cast<std::size_t>(std::llround(s.records)) * scale);
    for (auto& m : moments)
      m = s.begin + random.share() * long_as;
    std::ranges::sort(moments);
    for (const auto m : moments)
      add_record(trace, m, s.tokens, random);
    trace.length = s.begin + long_as;
  }
  return trace;
}

} // namespace chalkstream::pipelines::tools
