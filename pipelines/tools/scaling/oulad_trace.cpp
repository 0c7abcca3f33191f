#include "pipelines/tools/scaling/oulad_trace.hpp"

#include "pipelines/tools/scaling/trace_file.hpp"
#include "pipelines/tools/training/delimited_text.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>
#include <optional>
#include <unordered_map>

namespace chalkstream::pipelines::tools {

namespace {

constexpr int month = 30;
constexpr double day = 86400;
constexpr int most_days = 2000; // either way from a course's beginning

result<std::filesystem::path> one_of(const std::filesystem::path& folder, std::initializer_list<const char*> names) {
  for (const auto* name : names)
    if (std::error_code ignored; std::filesystem::is_regular_file(folder / name, ignored))
      return folder / name;
  return error{errc::not_found, folder.string() + ": there is no " + *names.begin()};
}

// The rows of a file by named columns; what is wrong with one is an error with its line.
result<void> read_columns(const std::filesystem::path& file, std::initializer_list<std::string_view> wanted,
                          const std::function<bool(const std::vector<std::string_view>&)>& take) {
  CHALK_TRY(const auto text, read_text(file));
  std::vector<std::size_t> at;
  std::optional<std::string> wrong;
  const auto complain = [&](const delimited_row& row, const std::string& what) {
    if (!wrong)
      wrong = file.string() + ":" + std::to_string(row.line) + ": " + what;
  };
  read_delimited(text, ',', true, [&](delimited_row&& row) {
    if (wrong)
      return;
    if (at.empty()) {
      for (const auto name : wanted) {
        const auto found = std::ranges::find(row.fields, name);
        if (found == row.fields.end())
          return complain(row, "the column '" + std::string(name) + "' is missing");
        at.push_back(static_cast<std::size_t>(found - row.fields.begin()));
      }
      return;
    }
    std::vector<std::string_view> fields;
    fields.reserve(at.size());
    for (const auto column : at)
      fields.push_back(column < row.fields.size() ? std::string_view(row.fields[column]) : std::string_view{});
    if (!row.mistake.empty() || !take(fields))
      complain(row, row.mistake.empty() ? "this is no row of the dataset" : std::string(row.mistake));
  });
  if (wrong)
    return error{errc::invalid_argument, *wrong};
  if (at.empty())
    return error{errc::invalid_argument, file.string() + ": it is empty"};
  return {};
}

struct submissions {
  std::size_t essays = 0;
  std::size_t answers = 0;
};

// By day of the course.
result<std::map<int, submissions>> read_days(const std::filesystem::path& folder) {
  CHALK_TRY(const auto kinds_file, one_of(folder, {"assessment.csv", "assessments.csv"}));
  CHALK_TRY(const auto days_file, one_of(folder, {"student_assessment.train.csv.gz", "student_assessment.train.csv",
                                                  "studentAssessment.csv"}));
  std::unordered_map<std::string, bool> marked_by_tutor;
  CHALK_CHECK(read_columns(kinds_file, {"id_assessment", "assessment_type"}, [&](const auto& row) {
    marked_by_tutor[std::string(row[0])] = row[1] == "TMA";
    return true;
  }));
  std::map<int, submissions> days;
  CHALK_CHECK(read_columns(days_file, {"id_assessment", "date_submitted", "is_banked"}, [&](const auto& row) {
    if (row[2] == "True" || row[2] == "1")
      return true;
    int on = 0;
    const auto [end, failed] = std::from_chars(row[1].data(), row[1].data() + row[1].size(), on);
    if (failed != std::errc{} || end != row[1].data() + row[1].size() || on < -most_days || on > most_days)
      return false;
    const auto kind = marked_by_tutor.find(std::string(row[0]));
    auto& of_day = days[on];
    ++(kind != marked_by_tutor.end() && kind->second ? of_day.essays : of_day.answers);
    return true;
  }));
  return days;
}

int busiest_month(const std::map<int, submissions>& days) {
  int best = days.begin()->first;
  std::size_t most = 0;
  for (const auto& [first, ignored] : days) {
    std::size_t sum = 0;
    for (auto d = days.find(first); d != days.end() && d->first < first + month; ++d)
      sum += d->second.essays + d->second.answers;
    if (sum > most) {
      most = sum;
      best = first;
    }
  }
  return best;
}

double any_second_of_a_day(trace_random& random) {
  auto left = random.share() * std::accumulate(hour_weights.begin(), hour_weights.end(), 0.0);
  std::size_t hour = 0;
  while (hour + 1 < hour_weights.size() && left >= hour_weights[hour])
    left -= hour_weights[hour++];
  return (static_cast<double>(hour) + random.share()) * 3600;
}

} // namespace

result<arrival_trace> read_oulad(const std::filesystem::path& folder, std::size_t scale, std::uint64_t seed) {
  CHALK_TRY(const auto days, read_days(folder));
  if (days.empty())
    return error{errc::invalid_argument, folder.string() + ": there are no submissions"};
  arrival_trace trace;
  trace.name = "oulad";
  const auto first = busiest_month(days);
  trace.about = "days " + std::to_string(first) + " to " + std::to_string(first + month - 1)
                + " of the Open University's courses, " + std::to_string(scale) + " times";
  trace.length = month * day;
  trace.bursts = month;
  trace.work = {100, 900, 0, 48};
  trace_random random(seed);
  for (auto d = days.find(first); d != days.end() && d->first < first + month; ++d) {
    struct submission {
      double at;
      double tokens;
    };
    std::vector<submission> of_day;
    const auto add = [&](std::size_t count, double tokens) {
      for (std::size_t i = 0; i < count * scale; ++i)
        of_day.push_back({(d->first - first) * day + any_second_of_a_day(random), tokens});
    };
    if (trace.arrivals.size() + (d->second.essays + d->second.answers) * scale > most_trace_records)
      return error{errc::invalid_argument, folder.string() + ": " + std::to_string(scale)
                                               + " times its submissions are more than "
                                               + std::to_string(most_trace_records)};
    add(d->second.essays, essay_tokens);
    add(d->second.answers, short_answer_tokens);
    std::ranges::sort(of_day, {}, &submission::at);
    for (const auto& s : of_day)
      add_record(trace, s.at, s.tokens, random);
  }
  return trace;
}

} // namespace chalkstream::pipelines::tools
