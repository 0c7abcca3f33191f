// Counts what a pipeline's committed results say: scores, confidence, why people get them, agreement with people,
// most of it again for each group that a person has asked for. Thread-safe and cheap. Labels come from closed sets
// and from the configured lists; whoever is in no list is "other".
#pragma once

#include "core/result_tally.hpp"
#include "monitoring/instruments.hpp"
#include "monitoring/override_counts.hpp"

#include <array>
#include <deque>
#include <string>

namespace chalkstream::monitoring {

class page;

class grade_counts {
public:
  explicit grade_counts(const result_groups& groups);

  void add(const result_tally& tally, bool review) noexcept;
  void write(page& to, const std::string& pipeline) const;

private:
  struct group {
    explicit group(std::string n);
    std::string name;
    histogram score;
    std::array<counter, 2> results; // automatic, review
    agreement_counters overrides;
  };

  histogram score_;
  histogram confidence_;
  std::array<counter, review_reason_count> reasons_;
  std::array<counter, 2> agreements_; // yes, no
  override_counts overrides_;
  std::array<std::deque<group>, group_kind_count> groups_; // "other" first; a kind that is not counted by has none
};

} // namespace chalkstream::monitoring
