// What `infer` does to one line: tokenise, or prepare the image, and write the model's output as the answer of its
// task.
#pragma once

#include "core/task.hpp"
#include "models/repository.hpp"
#include "models/text/tokenizer.hpp"
#include "pipelines/tools/infer.hpp"

#include <memory>
#include <string_view>

namespace chalkstream::pipelines::tools {

/// The output a model must be loaded with.
models::head head_for(infer_task kind) noexcept;

/// invalid_configuration if the model's head cannot serve the task: score needs one logit. A model of images takes
/// lines with images, and no tokenizer.
result<std::shared_ptr<const task>> make_line_task(std::shared_ptr<const text::tokenizer> tokenizer,
                                                   models::loaded_model loaded, const infer_settings& settings);

} // namespace chalkstream::pipelines::tools
