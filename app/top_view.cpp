#include "app/top_view.hpp"

#include "app/text_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace chalkstream::app {

namespace {

using monitoring::scraped_page;
using monitoring::scraped_sample;

/// Bounds that differ between versions of the program are all kept.
using bucket_growth = std::map<double, double>;

struct model_sums {
  double compute_seconds = 0, batches = 0, records = 0, fill = 0, fills = 0, tokens = 0;
};

std::optional<double> ratio(double part, double whole) {
  return whole > 0 ? std::optional(part / whole) : std::nullopt;
}

double finite(double value) {
  return std::isfinite(value) ? value : 0;
}

class collector {
public:
  void process(const scraped_page& now, const scraped_page* before) {
    ++rows_.processes;
    std::map<std::string_view, double> slots, busy; // of each device
    for (std::size_t i = 0; i < now.samples().size(); ++i) {
      const auto& s = now.samples()[i];
      const double grown = before != nullptr ? now.growth(i, *before) : 0;
      if (const auto pipeline = s.label("pipeline"); !pipeline.empty())
        of_pipeline(s, pipeline, grown);
      else if (const auto model = s.label("model"); !model.empty())
        of_model(s, model, grown);
      else if (s.name == "chalkstream_slots")
        slots[s.label("device")] = finite(s.value);
      else if (s.name == "chalkstream_slot_busy_ratio")
        busy[s.label("device")] = finite(s.value);
    }
    for (const auto& [device, count] : slots) {
      rows_.slots += count;
      rows_.slots_busy += busy[device] * count;
    }
  }

  top_rows take(double seconds) {
    for (std::size_t i = 0; i < rows_.pipelines.size(); ++i) {
      auto& row = rows_.pipelines[i];
      row.review_share = ratio(reviews_[i], row.results_per_second);
      row.read_per_second = ratio(row.read_per_second, seconds).value_or(0);
      row.results_per_second = ratio(row.results_per_second, seconds).value_or(0);
      const std::vector<std::pair<double, double>> buckets(latency_[i].begin(), latency_[i].end());
      row.p50 = histogram_quantile(0.5, buckets);
      row.p99 = histogram_quantile(0.99, buckets);
    }
    for (std::size_t i = 0; i < rows_.models.size(); ++i) {
      auto& row = rows_.models[i];
      const auto& sums = sums_[i];
      row.busy = ratio(sums.compute_seconds, seconds * row.replicas).value_or(0);
      row.batch_records = ratio(sums.records, sums.batches);
      row.fill = ratio(sums.fill, sums.fills);
      row.tokens_per_second = ratio(sums.tokens, seconds).value_or(0);
    }
    return std::move(rows_);
  }

private:
  void of_pipeline(const scraped_sample& s, std::string_view name, double grown) {
    const auto at = std::ranges::find(rows_.pipelines, name, &top_pipeline::name);
    const auto place = static_cast<std::size_t>(at - rows_.pipelines.begin());
    if (at == rows_.pipelines.end()) {
      if (place == most_rows)
        return;
      rows_.pipelines.emplace_back().name = name;
      reviews_.emplace_back();
      latency_.emplace_back();
    }
    auto& row = rows_.pipelines[place];
    if (s.name == "chalkstream_records_total")
      row.read_per_second += grown;
    else if (s.name == "chalkstream_results_total") {
      row.results_per_second += grown;
      if (s.label("decision") == "review")
        reviews_[place] += grown;
    } else if (s.name == "chalkstream_dead_letters_total")
      row.dead += finite(s.value);
    else if (s.name == "chalkstream_deadline_missed_total")
      row.late += finite(s.value);
    else if (s.name == "chalkstream_kafka_lag_records")
      row.lag += finite(s.value);
    else if (s.name == "chalkstream_in_flight_records")
      row.in_flight += finite(s.value);
    else if (s.name == "chalkstream_request_duration_seconds_bucket")
      if (const auto bound = bound_of(s.label("le")))
        latency_[place][*bound] += grown;
  }

  void of_model(const scraped_sample& s, std::string_view name, double grown) {
    const auto device = s.label("device");
    if (device.empty())
      return; // a load, which is of no device
    const auto at =
        std::ranges::find_if(rows_.models, [&](const top_model& m) { return m.name == name && m.device == device; });
    const auto place = static_cast<std::size_t>(at - rows_.models.begin());
    if (at == rows_.models.end()) {
      if (place == most_rows)
        return;
      auto& fresh = rows_.models.emplace_back();
      fresh.name = name;
      fresh.device = device;
      sums_.emplace_back();
    }
    auto& row = rows_.models[place];
    auto& sums = sums_[place];
    if (s.name == "chalkstream_model_resident")
      row.resident = row.resident.value_or(0) + finite(s.value);
    else if (s.name == "chalkstream_replicas")
      row.replicas += finite(s.value);
    else if (s.name == "chalkstream_pending_records")
      row.pending += finite(s.value);
    else if (s.name == "chalkstream_drain_seconds")
      row.drain = std::max(row.drain, s.value);
    else if (s.name == "chalkstream_compute_duration_seconds_sum")
      sums.compute_seconds += grown;
    else if (s.name == "chalkstream_batch_records_sum")
      sums.records += grown;
    else if (s.name == "chalkstream_batch_records_count")
      sums.batches += grown;
    else if (s.name == "chalkstream_batch_fill_ratio_sum")
      sums.fill += grown;
    else if (s.name == "chalkstream_batch_fill_ratio_count")
      sums.fills += grown;
    else if (s.name == "chalkstream_batch_tokens_sum")
      sums.tokens += grown;
  }

  static std::optional<double> bound_of(std::string_view le) {
    if (le == "+Inf")
      return std::numeric_limits<double>::infinity();
    double bound = 0;
    const auto [end, failed] = std::from_chars(le.data(), le.data() + le.size(), bound);
    if (failed != std::errc{} || end != le.data() + le.size() || !std::isfinite(bound))
      return {};
    return bound;
  }

  top_rows rows_;
  std::vector<double> reviews_;        // of each pipeline
  std::vector<bucket_growth> latency_; // likewise
  std::vector<model_sums> sums_;       // of each model
};

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool control = byte < 0x20 || byte == 0x7F
                         || (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0);
    out += control ? '?' : text[i];
  }
  return out;
}

std::string percent(std::optional<double> share) {
  return share ? std::to_string(std::lround(std::clamp(*share, 0.0, 9.99) * 100)) + " %" : "-";
}

std::string whole(double n) {
  return format_count(static_cast<std::uint64_t>(std::clamp(n, 0.0, 1e15)));
}

void append(std::vector<std::string>& lines, const text_table& table, std::size_t width) {
  lines.emplace_back();
  for (auto& line : table.lines(width))
    lines.push_back(std::move(line));
}

} // namespace

std::optional<double> histogram_quantile(double q, const std::vector<std::pair<double, double>>& buckets) {
  if (buckets.empty() || !(buckets.back().second > 0))
    return {};
  const auto rank = q * buckets.back().second;
  double below = 0, from = 0;
  for (const auto& [bound, count] : buckets) {
    if (count >= rank) {
      if (std::isinf(bound))
        return from;
      return count > below ? from + (bound - from) * (rank - below) / (count - below) : bound;
    }
    below = count;
    from = bound;
  }
  return from;
}

top_rows rows_between(const std::vector<process_reading>& before, const std::vector<process_reading>& now,
                      double seconds) {
  collector all;
  for (const auto& process : now) {
    if (!process.page)
      continue;
    const auto then = std::ranges::find(before, process.address, &process_reading::address);
    all.process(*process.page, then != before.end() && then->page ? &*then->page : nullptr);
  }
  return all.take(seconds);
}

std::vector<std::string> format_top(const top_rows& rows, const std::vector<process_reading>& now,
                                    std::size_t width) {
  std::vector<std::string> lines;
  text_table heading({std::to_string(rows.processes) + (rows.processes == 1 ? " process" : " processes"),
                      whole(rows.slots) + " slots", percent(ratio(rows.slots_busy, rows.slots)) + " busy"});
  for (auto& line : heading.lines(width))
    lines.push_back(std::move(line));
  for (const auto& process : now)
    if (!process.page)
      lines.push_back(printable(process.address + ": " + process.problem).substr(0, width));

  text_table pipelines(
      {"pipeline", "read/s", "results/s", "review", "p50", "p99", "in flight", "lag", "dead", "late"});
  for (const auto& p : rows.pipelines)
    pipelines.add({printable(p.name), format_rate(p.read_per_second), format_rate(p.results_per_second),
                   percent(p.review_share), format_seconds(p.p50.value_or(0)), format_seconds(p.p99.value_or(0)),
                   whole(p.in_flight), whole(p.lag), whole(p.dead), whole(p.late)});
  append(lines, pipelines, width);

  text_table models({"model", "replicas", "busy", "drain", "waiting", "batch", "fill", "tokens/s", "device"});
  // Where nobody has it loaded its device is in brackets.
  const auto where = [](const top_model& m) {
    const auto device = printable(m.device);
    return m.resident == 0 ? "(" + device + ")" : device;
  };
  for (const auto& m : rows.models)
    models.add({printable(m.name), whole(m.replicas), percent(m.busy), format_seconds(m.drain), whole(m.pending),
                m.batch_records ? format_rate(*m.batch_records) : "-", percent(m.fill),
                format_rate(m.tokens_per_second), where(m)});
  if (!rows.models.empty())
    append(lines, models, width);
  return lines;
}

} // namespace chalkstream::app
