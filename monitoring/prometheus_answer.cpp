#include "monitoring/prometheus_answer.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <simdjson.h>

namespace chalkstream::monitoring {

namespace {

namespace dom = simdjson::dom;

// Seconds since 1970 that fit a wall_time with room to spare: up to the year 5138.
constexpr double latest_second = 1e11;

error corrupt(std::string_view what) {
  return {errc::corrupt, "the answer is not one of Prometheus': " + std::string{what}};
}

// [1435781451.781, "1.5"]
result<void> read_value(const dom::element& pair, metric_sample& into) {
  dom::array both;
  double seconds = 0;
  std::string_view number;
  if (pair.get_array().get(both) || both.size() != 2 || both.at(0).get_double().get(seconds)
      || both.at(1).get_string().get(number))
    return corrupt("a value is not a pair of a time and a number in quotes");
  if (!(seconds >= 0 && seconds < latest_second))
    return corrupt("a time is out of range");
  into.at = wall_time{std::chrono::milliseconds{std::llround(seconds * 1000)}};
  CHALK_TRY(into.value, read_prometheus_number(number));
  return {};
}

result<metric_sample> read_sample(const dom::element& one, const answer_limits& limits) {
  metric_sample sample;
  dom::object metric;
  if (one["metric"].get_object().get(metric))
    return corrupt("a series has no labels");
  for (const auto field : metric) {
    std::string_view value;
    if (field.value.get_string().get(value) || sample.labels.size() == limits.labels)
      return corrupt("a series has labels that are no texts, or too many");
    sample.labels.insert_or_assign(std::string{field.key}, std::string{value});
  }
  dom::element value;
  if (one["value"].get(value))
    return corrupt("a series has no value (a range or a native histogram cannot be used here)");
  CHALK_CHECK(read_value(value, sample));
  return sample;
}

result<void> read_vector(const dom::element& data, const answer_limits& limits, metric_answer& into) {
  dom::array all;
  if (data["result"].get_array().get(all))
    return corrupt("there is no list of results");
  for (const auto one : all) {
    if (into.samples.size() == limits.series)
      return {errc::corrupt, "the answer has more than " + std::to_string(limits.series) + " series"};
    CHALK_TRY(auto sample, read_sample(one, limits));
    into.samples.push_back(std::move(sample));
  }
  return {};
}

error refused(const dom::element& document) {
  std::string_view kind, why;
  if (document["errorType"].get_string().get(kind))
    kind = "error";
  if (document["error"].get_string().get(why))
    why = "no reason given";
  const bool ours = kind == "bad_data";
  const bool late = kind == "timeout" || kind == "canceled";
  return {ours   ? errc::invalid_argument
          : late ? errc::timed_out
                 : errc::unavailable,
          printable(kind, 40) + ": " + printable(why)};
}

} // namespace

result<double> read_prometheus_number(std::string_view text) {
  if (text == "NaN")
    return std::numeric_limits<double>::quiet_NaN();
  if (text == "+Inf" || text == "Inf")
    return std::numeric_limits<double>::infinity();
  if (text == "-Inf")
    return -std::numeric_limits<double>::infinity();
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto [at, failed] = std::from_chars(text.data(), end, value);
  if (text.empty() || failed != std::errc{} || at != end || !std::isfinite(value))
    return corrupt("'" + printable(text, 40) + "' is no number");
  return value;
}

std::string printable(std::string_view text, std::size_t most) {
  std::string shown;
  for (const char c : text.substr(0, most))
    shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  while (!shown.empty() && text.size() > most && (static_cast<unsigned char>(shown.back()) & 0x80U) != 0)
    shown.pop_back(); // it may be the first half of a character
  return text.size() > most ? shown + "…" : shown;
}

result<metric_answer> read_prometheus_answer(std::string_view body, const answer_limits& limits) {
  dom::parser parser;
  dom::element document;
  std::string_view status, type;
  if (const auto failed = parser.parse(body.data(), body.size()).get(document))
    return corrupt(simdjson::error_message(failed));
  if (document["status"].get_string().get(status) || (status != "success" && status != "error"))
    return corrupt("it has no status");
  if (status == "error")
    return refused(document);
  dom::element data;
  if (document["data"].get(data) || data["resultType"].get_string().get(type))
    return corrupt("it has no data");
  metric_answer answer;
  if (type == "vector") {
    CHALK_CHECK(read_vector(data, limits, answer));
  } else if (type == "scalar") {
    dom::element pair;
    if (data["result"].get(pair))
      return corrupt("a scalar has no value");
    CHALK_CHECK(read_value(pair, answer.samples.emplace_back()));
  } else {
    return {errc::invalid_argument,
            "the expression gives a " + printable(type, 40) + ", not a value for each series"};
  }
  dom::array warnings;
  if (!document["warnings"].get_array().get(warnings))
    for (const auto one : warnings) {
      std::string_view text;
      if (answer.warnings.size() < limits.warnings && !one.get_string().get(text))
        answer.warnings.push_back(printable(text));
    }
  return answer;
}

} // namespace chalkstream::monitoring
