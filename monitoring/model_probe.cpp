#include "monitoring/model_probe.hpp"

#include "monitoring/buckets.hpp"
#include "monitoring/page.hpp"

namespace chalkstream::monitoring {

namespace {

constexpr family batch_records{"chalkstream_batch_records", "Records in one batch.", metric_type::histogram};
constexpr family batch_tokens{"chalkstream_batch_tokens", "Tokens in one batch.", metric_type::histogram};
constexpr family batch_fill{"chalkstream_batch_fill_ratio", "Tokens of a batch over the token budget.",
                            metric_type::histogram};
constexpr family compute_duration{"chalkstream_compute_duration_seconds", "One batch inside the model.",
                                  metric_type::histogram};
constexpr family first_token{"chalkstream_first_token_seconds", "Ready until the first token was written.",
                             metric_type::histogram};
constexpr family written{"chalkstream_written_tokens_total", "Tokens written.", metric_type::counter};
constexpr family padding{"chalkstream_padding_tokens_total", "Padding tokens computed.", metric_type::counter};
constexpr family pending_records{"chalkstream_pending_records", "Records ready and waiting for a slot.",
                                 metric_type::gauge};
constexpr family pending_tokens{"chalkstream_pending_tokens", "Tokens of the records waiting for a slot.",
                                metric_type::gauge};
constexpr family drain{"chalkstream_drain_seconds", "Work that waits, in seconds at the present rate.",
                       metric_type::gauge};
constexpr family replicas_now{"chalkstream_replicas", "Slots that may run the model at once.", metric_type::gauge};
constexpr family resident_now{"chalkstream_model_resident", "Whether the model is loaded on the device.",
                              metric_type::gauge};
constexpr family loads{"chalkstream_model_loads_total", "Attempts to load the model, by outcome.",
                       metric_type::counter};
constexpr family load_time{"chalkstream_model_load_seconds", "Loading and warming up the model.",
                           metric_type::histogram};

} // namespace

model_probe::model_probe(std::string name, std::string version, std::string device)
    : name_(std::move(name)), version_(std::move(version)), device_(std::move(device)),
      records_(batch_record_buckets), tokens_(batch_token_buckets), fill_(fill_buckets), compute_(duration_buckets),
      first_token_(duration_buckets) {}

void model_probe::batch(std::size_t records, std::size_t tokens, std::size_t budget) noexcept {
  records_.observe(static_cast<double>(records));
  tokens_.observe(static_cast<double>(tokens));
  if (budget > 0)
    fill_.observe(static_cast<double>(tokens) / static_cast<double>(budget));
}

void model_probe::pending(std::size_t records, std::size_t tokens, double drain_seconds) noexcept {
  pending_records_.set(static_cast<double>(records));
  pending_tokens_.set(static_cast<double>(tokens));
  drain_.set(drain_seconds);
}

void model_probe::write(page& to) const {
  const label model{"model", name_};
  const label version{"version", version_};
  const label device{"device", device_};
  to.add(batch_records, {model, version, device}, records_);
  to.add(batch_tokens, {model, version, device}, tokens_);
  to.add(batch_fill, {model, version, device}, fill_);
  to.add(compute_duration, {model, version, device}, compute_);
  to.add(first_token, {model, version, device}, first_token_);
  to.add(written, {model, version, device}, written_);
  to.add(padding, {model, version, device}, padding_);
  to.add(pending_records, {model, version, device}, pending_records_);
  to.add(pending_tokens, {model, version, device}, pending_tokens_);
  to.add(drain, {model, version, device}, drain_);
  to.add(replicas_now, {model, version, device}, replicas_);
  to.add(resident_now, {model, version, device}, resident_);
}

load_probe::load_probe(std::string model, std::string device)
    : model_(std::move(model)), device_(std::move(device)), took_(load_buckets) {}

void load_probe::loaded(bool succeeded, double seconds) noexcept {
  (succeeded ? succeeded_ : failed_).add();
  took_.observe(seconds);
}

void load_probe::write(page& to) const {
  const label model{"model", model_};
  const label device{"device", device_};
  to.add(loads, {model, device, {"outcome", "succeeded"}}, succeeded_);
  to.add(loads, {model, device, {"outcome", "failed"}}, failed_);
  to.add(load_time, {model, device}, took_);
}

} // namespace chalkstream::monitoring
