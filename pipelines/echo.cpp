#include "pipelines/echo.hpp"

namespace chalkstream::pipelines {

echo::echo(task_settings settings)
    : settings_(std::move(settings)),
      decoder_(settings_.pseudonyms, education::all_event_types(), {.max_bytes = settings_.max_bytes}) {}

task_step echo::prepare(const record& input) const {
  const auto start = settings_.time->now();
  auto decoded = decoder_.decode(input);
  if (auto* refused = std::get_if<rejection>(&decoded))
    return std::move(*refused);
  auto out = outline(settings_, input, std::get<event>(decoded));
  out.bytes = input.value->size();
  return finish(settings_, education::result_kind::echo, std::move(out), prepared_since(settings_, start));
}

task_step echo::complete(const record&, work, const output_rows&, const timing&) const {
  return unusable_output(); // prepare never asks a model
}

} // namespace chalkstream::pipelines
