#include "monitoring/registry.hpp"

#include "monitoring/openmetrics_page.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <mutex>
#include <sstream>
#include <unordered_map>

namespace chalkstream::monitoring {

namespace {

prometheus::MetricType type_of(const family& metric) {
  switch (metric.type) {
  case metric_type::counter:
    return prometheus::MetricType::Counter;
  case metric_type::gauge:
  case metric_type::info:
    return prometheus::MetricType::Gauge;
  case metric_type::histogram:
    return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

// The classic text format: it gathers series of the same metric under one heading, and knows no exemplars.
class family_page final : public page {
public:
  using page::add;

  void add(const family& metric, labels of, double value) override {
    auto& series = next(metric, of);
    if (metric.type == metric_type::counter)
      series.counter.value = value;
    else
      series.gauge.value = value;
  }

  void add(const family& metric, labels of, const histogram& values, const exemplars*) override {
    auto& shown = next(metric, of).histogram;
    const auto counts = values.counts();
    for (std::size_t i = 0; i < counts.size(); ++i) {
      shown.sample_count += counts[i];
      const bool last = i == values.bounds().size();
      const auto bound = last ? std::numeric_limits<double>::infinity() : values.bounds()[i];
      shown.bucket.push_back({shown.sample_count, bound});
    }
    shown.sample_sum = values.sum();
  }

  std::string text() const {
    std::ostringstream all;
    prometheus::TextSerializer{}.Serialize(all, families_);
    return std::move(all).str();
  }

private:
  prometheus::ClientMetric& next(const family& metric, labels of) {
    const auto [at, fresh] = places_.try_emplace(metric.name, families_.size());
    if (fresh)
      families_.push_back({std::string(metric.name), std::string(metric.help), type_of(metric), {}});
    auto& series = families_[at->second].metric.emplace_back();
    for (const auto& l : of)
      series.label.push_back({std::string(l.name), std::string(l.value)});
    return series;
  }

  std::vector<prometheus::MetricFamily> families_;
  std::unordered_map<std::string_view, std::size_t> places_;
};

} // namespace

struct registry::state {
  template <class Probe>
  using probes = std::vector<std::pair<std::string, std::shared_ptr<Probe>>>;

  static std::string owned(std::string_view name) { return std::string(name); }
  static const result_groups& owned(const result_groups& groups) { return groups; }

  // A handful of probes, asked for while the engine starts: a linear search keeps their order.
  template <class Probe, class... Args>
  std::shared_ptr<Probe> ask(probes<Probe>& all, std::string key, Args&&... args) {
    const std::lock_guard guard(lock);
    for (const auto& [known, probe] : all)
      if (known == key)
        return probe;
    return all.emplace_back(std::move(key), std::make_shared<Probe>(owned(args)...)).second;
  }

  void write(page& to) const {
    const std::lock_guard guard(lock);
    process->write(to);
    traces->write(to);
    const auto each = [&to](const auto& probes) {
      for (const auto& [key, probe] : probes)
        probe->write(to);
    };
    each(pipelines);
    each(models);
    each(loads);
    each(devices);
    each(autoscalers);
    if (autoscale_key != 0)
      to.add(autoscale_key_family, {}, static_cast<double>(autoscale_key));
  }

  mutable std::mutex lock;
  probes<pipeline_probe> pipelines;
  probes<model_probe> models;
  probes<load_probe> loads;
  probes<device_probe> devices;
  probes<autoscale_probe> autoscalers;
  std::uint64_t autoscale_key = 0; // 0: none
  std::shared_ptr<process_probe> process;
  std::shared_ptr<trace_probe> traces = std::make_shared<trace_probe>();
  result_groups groups;
};

registry::registry(build_facts built, result_groups groups) : state_(std::make_unique<state>()) {
  state_->groups = std::move(groups);
  state_->process = std::make_shared<process_probe>(std::move(built));
}

registry::~registry() = default;

std::shared_ptr<pipeline_probe> registry::pipeline(std::string_view name) {
  return state_->ask(state_->pipelines, std::string(name), name, state_->groups);
}

std::shared_ptr<model_probe> registry::model(std::string_view name, std::string_view version,
                                             std::string_view device) {
  std::string key;
  for (const auto part : {name, version, device})
    key.append(part).push_back('\0');
  return state_->ask(state_->models, std::move(key), name, version, device);
}

std::shared_ptr<load_probe> registry::loads(std::string_view model, std::string_view device) {
  return state_->ask(state_->loads, std::string(model) + '\0' + std::string(device), model, device);
}

std::shared_ptr<device_probe> registry::device(std::string_view name) {
  return state_->ask(state_->devices, std::string(name), name);
}

std::shared_ptr<autoscale_probe> registry::autoscale(std::string_view target) {
  return state_->ask(state_->autoscalers, std::string(target), target);
}

void registry::autoscale_key(std::uint64_t key) {
  const std::lock_guard guard(state_->lock);
  state_->autoscale_key = key;
}

std::shared_ptr<process_probe> registry::process() const {
  return state_->process;
}

std::shared_ptr<trace_probe> registry::traces() const {
  return state_->traces;
}

std::vector<pipeline_snapshot> registry::snapshots() const {
  const std::lock_guard guard(state_->lock);
  std::vector<pipeline_snapshot> all;
  for (const auto& [name, probe] : state_->pipelines)
    all.push_back(probe->snapshot());
  return all;
}

std::string registry::expose(page_format form) const {
  if (form == page_format::openmetrics) {
    openmetrics_page page;
    state_->write(page);
    return page.text();
  }
  family_page page;
  state_->write(page);
  return page.text();
}

} // namespace chalkstream::monitoring
