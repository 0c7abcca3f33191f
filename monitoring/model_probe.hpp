// Counts what one model does on one device. Thread-safe and cheap; durations are in seconds. Series carry the labels
// `model`, `version` and `device`.
#pragma once

#include "monitoring/exemplars.hpp"
#include "monitoring/instruments.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace chalkstream::monitoring {

class page;

class model_probe {
public:
  model_probe(std::string name, std::string version, std::string device);

  /// A batch was handed to a slot: its records, its tokens, and the tokens it could have held.
  void batch(std::size_t records, std::size_t tokens, std::size_t budget) noexcept;

  /// A batch took so long inside the model; `of` is a traced record in it.
  void computed(double seconds, const std::optional<trace_mark>& of = {}) noexcept { compute_.observe(seconds, of); }

  /// A model that writes went on with so many texts, by a token each.
  void wrote(std::size_t texts) noexcept { written_.add(texts); }

  /// A record's first step is through, so long after it was ready.
  void began_writing(double seconds) noexcept { first_token_.observe(seconds); }

  /// Tokens computed for nothing. A packed batch has none; a device that needs padding says so here.
  void padded(std::size_t tokens) noexcept { padding_.add(tokens); }

  /// What waits for it, and how many seconds of work that is at the present rate.
  void pending(std::size_t records, std::size_t tokens, double drain_seconds) noexcept;

  /// How many slots of the device may run it at once.
  void replicas(std::size_t n) noexcept { replicas_.set(static_cast<double>(n)); }

  /// Whether its weights are there.
  void resident(bool there) noexcept { resident_.set(there ? 1 : 0); }

  void write(page& to) const;

private:
  std::string name_;
  std::string version_;
  std::string device_;
  histogram records_;
  histogram tokens_;
  histogram fill_;
  traced_histogram compute_;
  histogram first_token_;
  counter written_;
  counter padding_;
  gauge pending_records_;
  gauge pending_tokens_;
  gauge drain_;
  gauge replicas_;
  gauge resident_;
};

/// Counts a model's loads; apart from model_probe because a model that fails to load has no version. Labels `model`
/// and `device`.
class load_probe {
public:
  load_probe(std::string model, std::string device);

  void loaded(bool succeeded, double seconds) noexcept;
  void write(page& to) const;

private:
  std::string model_;
  std::string device_;
  counter succeeded_;
  counter failed_;
  histogram took_;
};

} // namespace chalkstream::monitoring
