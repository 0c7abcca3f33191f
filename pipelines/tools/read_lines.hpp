// What `infer --task read` does to one line: decode the file, and write the text on its pages as the answer.
#pragma once

#include "core/task.hpp"
#include "models/image/decode.hpp"
#include "pipelines/page_reader.hpp"

#include <filesystem>
#include <memory>

namespace chalkstream::pipelines::tools {

struct read_settings {
  image::decode_limits limits = {};
  page_split split = page_split::whole;
  /// Where a picture of each page is put with its lines and confidences (annotation.hpp); empty: nowhere.
  std::filesystem::path annotations = {};
};

/// {"id","image"} -> {"id","text","confidence","pages"}, for a model that reads pages (models/repository.hpp). Pages
/// are as in a result of recognition (education/result_encoder.hpp).
std::shared_ptr<const task> make_read_lines(read_settings settings);

} // namespace chalkstream::pipelines::tools
