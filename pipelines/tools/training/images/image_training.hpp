// The recipe image-classify, from a person's pictures to a directory with a net.
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/training/images/image_learner.hpp"
#include "pipelines/tools/training/images/picture_parts.hpp"
#include "pipelines/tools/training/training_run.hpp"

#include <cstddef>
#include <functional>

namespace chalkstream::pipelines::tools {

/// `began` hears how many pictures each part has. Errors: those of read_picture_parts, the learner and the run.
result<run_report> train_images(const picture_sources& sources, const image_settings& settings,
                                const run_settings& run, const run_watcher& watcher,
                                const std::function<void(std::size_t, std::size_t)>& began);

} // namespace chalkstream::pipelines::tools
