// What is to be seen on a file's pages, and where, becomes a record.
#pragma once

#include "core/outcome.hpp"
#include "core/reading.hpp"
#include "core/task.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace chalkstream::education {

/// A part of a page that shows one thing.
struct found_region {
  std::string label;
  /// 0 to 1
  double confidence = 0;
  picture_box box = {};
};

struct searched_page {
  /// In pixels, which the boxes are of, too.
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<found_region> regions = {};
};

class json_writer;
/// The keys regions, [{"page","label","confidence","box":[left,top,width,height]},…] with pages counted from 1, and
/// pages, [{"width","height"},…].
void write_regions(json_writer& json, const std::vector<searched_page>& pages);

/// A result of recognition: beside the fields that all results have, regions, confidence (null without regions),
/// decision, reasons, pages, model.
encoded_result encode_regions(const outcome& about, const std::vector<searched_page>& pages);

} // namespace chalkstream::education
