// What `infer --task detect` does to one line: decode the file, and write what is on its pages, and where, as the
// answer.
#pragma once

#include "core/task.hpp"
#include "models/image/decode.hpp"
#include "models/repository.hpp"
#include "pipelines/page_regions.hpp"

#include <filesystem>
#include <memory>

namespace chalkstream::pipelines::tools {

struct detect_settings {
  image::decode_limits limits = {};
  /// Regions that the model is no surer of are left out.
  double above = sure_region;
  /// Where a picture of each page is put with its regions and confidences (annotation.hpp); empty: nowhere.
  std::filesystem::path annotations = {};
};

/// {"id","image"} -> {"id","regions","pages"}, for a model that finds regions (models/repository.hpp); as in a result
/// of recognition (education/region_result.hpp).
std::shared_ptr<const task> make_detect_lines(models::loaded_model loaded, detect_settings settings);

} // namespace chalkstream::pipelines::tools
