#include "monitoring/grade_counts.hpp"

#include "monitoring/buckets.hpp"
#include "monitoring/page.hpp"

namespace chalkstream::monitoring {

namespace {

constexpr family score_ratio{"chalkstream_score_ratio", "Committed scores, over the highest possible.",
                             metric_type::histogram};
constexpr family confidence_ratio{"chalkstream_confidence_ratio", "Confidence of committed results.",
                                  metric_type::histogram};
constexpr family review_reasons{"chalkstream_review_reasons_total",
                                "Why committed results went to a person; one may have several reasons.",
                                metric_type::counter};
constexpr family agreements{"chalkstream_graded_agreements_total",
                            "Grades, by whether they agree with what people gave to the most similar answer.",
                            metric_type::counter};
constexpr family group_scores{"chalkstream_group_score_ratio", "Committed scores, by the groups that are configured.",
                              metric_type::histogram};
constexpr family group_results{"chalkstream_group_results_total",
                               "Results committed, by the groups that are configured.", metric_type::counter};

constexpr family group_overrides{"chalkstream_group_overrides_total",
                                 "What people made of grades, by the groups that are configured.",
                                 metric_type::counter};

} // namespace

grade_counts::group::group(std::string n) : name(std::move(n)), score(score_buckets) {}

grade_counts::grade_counts(const result_groups& groups) : score_(score_buckets), confidence_(confidence_buckets) {
  for (std::size_t kind = 0; kind < group_kind_count; ++kind) {
    if (groups.names[kind].empty())
      continue;
    groups_[kind].emplace_back("other");
    for (const auto& name : groups.names[kind])
      groups_[kind].emplace_back(name);
  }
}

void grade_counts::add(const result_tally& tally, bool review) noexcept {
  if (tally.score)
    score_.observe(static_cast<double>(*tally.score));
  if (tally.confidence)
    confidence_.observe(static_cast<double>(*tally.confidence));
  for (std::size_t i = 0; i < review_reason_count; ++i)
    if (tally.has(static_cast<review_reason>(i)))
      reasons_[i].add();
  if (tally.agrees)
    agreements_[*tally.agrees ? 0 : 1].add();
  if (tally.compared)
    overrides_.add(*tally.compared);
  for (std::size_t kind = 0; kind < group_kind_count; ++kind) {
    const auto place = tally.groups[kind];
    if (place >= groups_[kind].size())
      continue;
    auto& mine = groups_[kind][place];
    mine.results[review ? 1 : 0].add();
    if (tally.compared)
      mine.overrides[static_cast<std::size_t>(tally.compared->how)].add();
    if (tally.score)
      mine.score.observe(static_cast<double>(*tally.score));
  }
}

void grade_counts::write(page& to, const std::string& pipeline) const {
  const label mine{"pipeline", pipeline};
  to.add(score_ratio, {mine}, score_);
  to.add(confidence_ratio, {mine}, confidence_);
  for (std::size_t i = 0; i < review_reason_count; ++i)
    to.add(review_reasons, {mine, {"reason", to_string(static_cast<review_reason>(i))}}, reasons_[i]);
  to.add(agreements, {mine, {"agrees", "yes"}}, agreements_[0]);
  to.add(agreements, {mine, {"agrees", "no"}}, agreements_[1]);
  overrides_.write(to, pipeline);
  for (std::size_t kind = 0; kind < group_kind_count; ++kind)
    for (const auto& g : groups_[kind]) {
      const label by{"by", to_string(static_cast<group_kind>(kind))}, name{"group", g.name};
      to.add(group_scores, {mine, by, name}, g.score);
      to.add(group_results, {mine, by, name, {"decision", "auto"}}, g.results[0]);
      to.add(group_results, {mine, by, name, {"decision", "review"}}, g.results[1]);
      if (static_cast<group_kind>(kind) == group_kind::language)
        continue; // a grade does not say what it was written in
      for (std::size_t i = 0; i < agreement_count; ++i)
        to.add(group_overrides, {mine, by, name, {"agreement", to_string(static_cast<agreement>(i))}},
               g.overrides[i]);
    }
}

} // namespace chalkstream::monitoring
