// What people made of grades, beside the grades: an audit record of each, and how often the two agree.
#pragma once

#include "education/grade_override.hpp"
#include "education/remembered_grades.hpp"
#include "pipelines/text_task.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace chalkstream::pipelines {

/// Where the grades of a topic are found again.
class grade_source {
public:
  virtual ~grade_source() = default;

  /// The grade that an override is about, which was sent at `sent`; null if it is not among those that are
  /// remembered. May block for as long as the topic is not read to its end, and for what was sent just now. Errors:
  /// unavailable, or cancelled where nobody waits any more. Thread-safe.
  virtual result<std::shared_ptr<const education::remembered_grade>> find(const education::grade_override& by,
                                                                          wall_time sent) const = 0;

  /// How many may wait in find at once.
  virtual std::size_t waits_at_once() const noexcept = 0;
};

/// Steps between 0 and the highest score: less than half of one is no difference.
inline constexpr std::size_t default_override_steps = 10;
inline constexpr std::size_t default_remembered_grades = 100'000;

struct overrides_settings {
  task_settings task;
  std::shared_ptr<const grade_source> grades;
  std::size_t steps = default_override_steps;
  /// Of overrides that do not say theirs.
  std::string tenant = {};
};

/// An override whose grade is not known is kept all the same, with agreement "unknown": what a person decided is not
/// lost because a grade is old. Nothing here changes a grade.
class overrides final : public task {
public:
  explicit overrides(overrides_settings settings);

  task_step prepare(const record& input) const override;
  std::size_t waits_at_once() const noexcept override { return settings_.grades->waits_at_once(); }
  task_step complete(const record& input, work done, const output_rows& rows, const timing& spent) const override;

private:
  overrides_settings settings_;
  education::override_decoder decoder_;
};

} // namespace chalkstream::pipelines
