// `chalkstream infer --task summarize`: what the pipeline of kind summarization does, to JSON lines.
#pragma once

#include "core/task.hpp"
#include "pipelines/summarizer.hpp"

#include <memory>

namespace chalkstream::pipelines::tools {

/// {"id","text"} -> {"id","text","sentences":[{"start","end","score"}]}: the summary, and where its sentences stand
/// in the text, in code points. A text with no more sentences than asked for comes back whole, one without a word
/// empty, one beyond settings.max_tokens is summarised by its beginning. A line that is not what it should be, or has
/// a `pair`, gets {"id","error"}.
std::shared_ptr<const task> make_summarize_lines(task_model encoder, summary_settings settings);

} // namespace chalkstream::pipelines::tools
