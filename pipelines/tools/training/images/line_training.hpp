// The recipe ocr-line, from a person's pictures of lines to a directory with a net that reads them.
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/training/images/line_learner.hpp"
#include "pipelines/tools/training/images/picture_parts.hpp"
#include "pipelines/tools/training/training_run.hpp"

#include <cstddef>
#include <functional>

namespace chalkstream::pipelines::tools {

/// `began` hears how many lines each part has. Errors: those of read_line_pictures, the split, the learner and the
/// run.
result<run_report> train_lines(const picture_sources& sources, const line_settings& settings, const run_settings& run,
                               const run_watcher& watcher,
                               const std::function<void(std::size_t, std::size_t)>& began);

} // namespace chalkstream::pipelines::tools
