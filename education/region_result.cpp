#include "education/region_result.hpp"

#include "education/json_writer.hpp"
#include "education/result_encoder.hpp"

namespace chalkstream::education {

void write_regions(json_writer& json, const std::vector<searched_page>& pages) {
  json.key("regions").begin_array();
  for (std::size_t i = 0; i < pages.size(); ++i)
    for (const auto& region : pages[i].regions) {
      json.begin_object().key("page").number(std::uint64_t{i + 1});
      json.key("label").string(region.label).key("confidence").number(region.confidence);
      write_box(json, region.box);
      json.end_object();
    }
  json.end_array().key("pages").begin_array();
  for (const auto& page : pages) {
    json.begin_object().key("width").number(std::uint64_t{page.width});
    json.key("height").number(std::uint64_t{page.height}).end_object();
  }
  json.end_array();
}

encoded_result encode_regions(const outcome& about, const std::vector<searched_page>& pages) {
  auto value = encode_result(about, [&](json_writer& json) {
    json.key("confidence");
    if (about.confidence)
      json.number(*about.confidence);
    else
      json.null();
    write_verdict(json, about);
    write_regions(json, pages);
    write_model(json, "model", about.model.get());
  });
  return {std::move(value), result_headers(result_kind::recognition, about)};
}

} // namespace chalkstream::education
