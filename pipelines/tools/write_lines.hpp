// `chalkstream infer --task generate|translate|summarize` with a model that writes: JSON lines to texts.
#pragma once

#include "core/task.hpp"
#include "pipelines/text_writer.hpp"

#include <memory>

namespace chalkstream::pipelines::tools {

/// {"id","text"} -> {"id","text","tokens"}: what the model wrote, and how many tokens that were. A line that is not
/// what it should be, or has a `pair`, gets {"id","error"}.
std::shared_ptr<const task> make_write_lines(text_writer writer);

} // namespace chalkstream::pipelines::tools
