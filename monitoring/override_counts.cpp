#include "monitoring/override_counts.hpp"

#include "monitoring/page.hpp"

namespace chalkstream::monitoring {

namespace {

constexpr family overrides{"chalkstream_overrides_total",
                           "What people made of grades, by how near to it the grades had been.",
                           metric_type::counter};
constexpr family score_sums{"chalkstream_override_score_sums_total",
                            "Sums over pairs of a person's score and the engine's, each of the highest possible.",
                            metric_type::counter};

} // namespace

void override_counts::add(const compared_grades& compared) noexcept {
  agreements_[static_cast<std::size_t>(compared.how)].add();
  if (!compared.scores)
    return;
  const double p = static_cast<double>(compared.scores->person);
  const double e = static_cast<double>(compared.scores->engine);
  sums_[pairs].add(1);
  sums_[person].add(p);
  sums_[engine].add(e);
  sums_[person_squared].add(p * p);
  sums_[engine_squared].add(e * e);
  sums_[product].add(p * e);
}

void override_counts::write(page& to, const std::string& pipeline) const {
  constexpr std::array<std::string_view, sum_count> names{"pairs",          "person",         "engine",
                                                          "person_squared", "engine_squared", "product"};
  const label mine{"pipeline", pipeline};
  for (std::size_t i = 0; i < agreement_count; ++i)
    to.add(overrides, {mine, {"agreement", to_string(static_cast<agreement>(i))}}, agreements_[i]);
  for (std::size_t i = 0; i < sum_count; ++i)
    to.add(score_sums, {mine, {"of", names[i]}}, sums_[i].value());
}

} // namespace chalkstream::monitoring
