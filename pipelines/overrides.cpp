#include "pipelines/overrides.hpp"

#include "education/override_result.hpp"

#include <utility>

namespace chalkstream::pipelines {

namespace {

const std::string& either(const std::string& known, const std::string& told) {
  return known.empty() ? told : known;
}

outcome about(const overrides_settings& settings, const record& input, const education::grade_override& by,
              const education::remembered_grade* grade) {
  const std::string nothing;
  outcome what;
  what.id = education::result_id(settings.task.source_topic, input.partition, input.offset, settings.task.pipeline);
  what.event = either(grade != nullptr ? grade->event : nothing, by.event);
  what.pipeline = settings.task.pipeline;
  what.learner = by.learner;
  what.tenant = by.tenant;
  what.course = either(grade != nullptr ? grade->course : nothing, by.course);
  what.assignment = either(grade != nullptr ? grade->assignment : nothing, by.assignment);
  what.item = either(grade != nullptr ? grade->item : nothing, by.item);
  return what;
}

} // namespace

overrides::overrides(overrides_settings settings)
    : settings_(std::move(settings)),
      decoder_(settings_.task.pseudonyms, {.max_bytes = settings_.task.max_bytes}, settings_.tenant) {}

task_step overrides::prepare(const record& input) const {
  const auto start = settings_.task.time->now();
  auto decoded = decoder_.decode(input.value);
  if (auto* refused = std::get_if<rejection>(&decoded))
    return std::move(*refused);
  const auto& by = std::get<education::grade_override>(decoded);
  const auto grade = settings_.grades->find(by, input.timestamp);
  if (!grade)
    return rejection{reject_reason::source_unavailable, stage::prepare, "the grades " + grade.error().message};
  const auto compared = education::compare_grades(by, grade->get(), settings_.steps);
  auto out = finish(settings_.task, about(settings_, input, by, grade->get()), prepared_since(settings_.task, start),
                    [&](const outcome& done) { return encode_override(done, by, grade->get(), compared); });
  out.tally.compared = compared;
  return out;
}

task_step overrides::complete(const record&, work, const output_rows&, const timing&) const {
  return unusable_output(); // prepare never asks a model
}

} // namespace chalkstream::pipelines
