// `chalkstream infer --task generate` with a model that writes to images: JSON lines with images to texts.
#pragma once

#include "core/task.hpp"
#include "models/image/preprocessor.hpp"
#include "pipelines/text_writer.hpp"

#include <cstddef>
#include <memory>

namespace chalkstream::pipelines::tools {

/// {"id","image"} -> {"id","text","tokens","confidence"}: what the model wrote, how many tokens that were, and how
/// sure it was of them (confidence_in()). `pictures` makes the images it takes, each of which costs it `tokens`. A
/// line that is not what it should be gets {"id","error"}.
std::shared_ptr<const task>
make_write_picture_lines(text_writer writer, std::shared_ptr<const image::preprocessor> pictures, std::size_t tokens);

} // namespace chalkstream::pipelines::tools
