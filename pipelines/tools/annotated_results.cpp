#include "pipelines/tools/annotated_results.hpp"

#include "core/base64.hpp"
#include "models/image/decode.hpp"
#include "models/video/clip.hpp"
#include "pipelines/tools/annotation.hpp"

#include <map>
#include <optional>
#include <simdjson.h>
#include <utility>
#include <vector>

namespace chalkstream::pipelines::tools {

namespace {

namespace dom = simdjson::dom;

struct sent_file {
  bool is_clip = false;
  std::string bytes;
};

std::string text_of(const dom::element& from, const char* name) {
  std::string_view text;
  return from[name].get_string().get(text) == simdjson::SUCCESS ? std::string{text} : std::string{};
}

double number_of(const dom::element& from, const char* name) {
  double value = 0;
  return from[name].get_double().get(value) == simdjson::SUCCESS ? value : 0;
}

std::vector<dom::element> list_of(const dom::element& from, const char* name) {
  dom::array list;
  if (from[name].get_array().get(list) != simdjson::SUCCESS)
    return {};
  return {list.begin(), list.end()};
}

/// By the event's id.
std::map<std::string, sent_file> files_of(std::span<const sample> events) {
  std::map<std::string, sent_file> found;
  dom::parser parser;
  for (const auto& one : events) {
    dom::element event;
    if (parser.parse(one.value).get(event) != simdjson::SUCCESS)
      continue;
    for (const auto& [field, is_clip] : {std::pair{"image", false}, std::pair{"video", true}}) {
      dom::element file;
      if (event[field].get(file) != simdjson::SUCCESS)
        continue;
      if (auto bytes = decode_base64(text_of(file, "data")); bytes && !bytes->empty())
        found[text_of(event, "id")] = {is_clip, std::move(*bytes)};
    }
  }
  return found;
}

result<std::vector<picture>> pictures_of(const sent_file& file) {
  const auto bytes = std::as_bytes(std::span(file.bytes));
  if (!file.is_clip)
    return image::decode(bytes, {});
  std::vector<picture> keys;
  CHALK_TRY([[maybe_unused]] const auto clip, video::read_clip(bytes, {}, {}, [&](picture key) -> result<void> {
              keys.push_back(std::move(key));
              return {};
            }));
  return keys;
}

picture_box box_of(const dom::element& line) {
  std::vector<std::uint32_t> sides;
  for (const auto& side : list_of(line, "box"))
    if (std::uint64_t value = 0; side.get_uint64().get(value) == simdjson::SUCCESS)
      sides.push_back(static_cast<std::uint32_t>(value));
  sides.resize(4);
  return {sides[0], sides[1], sides[2], sides[3]};
}

/// What a page of a result, or a segment, says of its picture.
picture drawn(const picture& seen, const dom::element& said) {
  if (const auto label = text_of(said, "label"); !label.empty()) {
    const std::vector<class_guess> guess{{label, number_of(said, "confidence")}};
    return annotated(seen, guess);
  }
  recognised_page page;
  for (const auto& line : list_of(said, "lines"))
    page.lines.push_back({.text = {}, .box = box_of(line), .confidence = number_of(line, "confidence")});
  return annotated(seen, page);
}

/// As far as it may stand in a file's name.
std::string plain(std::string text) {
  for (auto& c : text)
    if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-' && c != '_')
      c = '_';
  return text.substr(0, 60);
}

} // namespace

result<std::size_t> annotate_results(std::span<const sample> events, std::span<const std::string> results,
                                     const std::filesystem::path& folder) {
  std::error_code failed;
  if (!std::filesystem::create_directories(folder, failed) && failed)
    return error{errc::io, folder.string() + ": cannot be made: " + failed.message()};
  const auto files = files_of(events);
  dom::parser parser;
  std::size_t written = 0;
  for (const auto& text : results) {
    dom::element said;
    if (parser.parse(text).get(said) != simdjson::SUCCESS)
      continue;
    const auto file = files.find(text_of(said, "event"));
    if (file == files.end())
      continue;
    const auto parts = list_of(said, file->second.is_clip ? "segments" : "pages");
    if (parts.empty())
      continue;
    CHALK_TRY(const auto pictures, pictures_of(file->second));
    const auto name = plain(text_of(said, "pipeline")) + "-" + plain(file->first) + "-p";
    for (std::size_t i = 0; i < std::min(parts.size(), pictures.size()); ++i, ++written)
      CHALK_CHECK(write_annotation(folder / (name + std::to_string(i + 1) + ".png"), drawn(pictures[i], parts[i])));
  }
  return written;
}

} // namespace chalkstream::pipelines::tools
