#include "pipelines/tools/picture_line.hpp"

#include "core/base64.hpp"
#include "models/document.hpp"
#include "models/image/decode.hpp"
#include "pipelines/file_uri.hpp"
#include "pipelines/tools/json_fields.hpp"

#include <simdjson.h>

#include <span>
#include <utility>

namespace chalkstream::pipelines::tools {

namespace {

namespace dom = simdjson::dom;

result<std::string> path_of(std::string_view uri) {
  if (uri.find("://") == std::string_view::npos)
    return std::string(uri);
  auto path = path_of_file_uri(uri);
  if (!path)
    return error{errc::unsupported,
                 "`uri` must be a path, or file:// and an absolute one; nothing is fetched from elsewhere"};
  return std::move(*path);
}

result<std::string> read_uri(std::string_view uri) {
  CHALK_TRY(const auto path, path_of(uri));
  return models::read_text(path, image::decode_limits{}.max_bytes);
}

result<std::string> read_data(std::string_view data) {
  auto bytes = decode_base64(data);
  if (!bytes)
    return error{errc::invalid_argument, "`data` is not base64"};
  return bytes;
}

result<std::string> file_of(const dom::object& line) {
  dom::object image;
  if (line["image"].get_object().get(image) != simdjson::SUCCESS)
    return error{errc::invalid_argument, "`image` must be an object with `uri` or `data`"};
  const auto uri = field(image, "uri");
  const auto data = field(image, "data");
  std::string_view text;
  if (uri.has_value() == data.has_value() || (uri ? *uri : *data).get_string().get(text) != simdjson::SUCCESS)
    return error{errc::invalid_argument, "`image` must have a string `uri` or a string `data`"};
  return uri ? read_uri(text) : read_data(text);
}

} // namespace

std::variant<picture_line, line_error> parse_picture_line(std::string_view line) {
  thread_local dom::parser parser;
  dom::object object;
  if (const auto failed = parser.parse(line.data(), line.size()).get_object().get(object))
    return line_error{"null", std::string{"not a JSON object: "} + simdjson::error_message(failed)};
  picture_line parsed;
  parsed.id = line_id(object);
  auto file = file_of(object);
  if (!file)
    return line_error{std::move(parsed.id), file.error().message};
  parsed.file = std::move(*file);
  return parsed;
}

result<picture> only_picture(std::string_view file) {
  CHALK_TRY(auto pages, image::decode(std::as_bytes(std::span(file)), {}));
  if (pages.size() != 1)
    return error{errc::invalid_argument,
                 "the file has " + std::to_string(pages.size()) + " pages; send one image a line"};
  return std::move(pages.front());
}

result<std::shared_ptr<const picture>> prepared_picture(std::string_view file, const image::preprocessor& prepare) {
  CHALK_TRY(const auto page, only_picture(file));
  CHALK_TRY(auto made, prepare.prepare(page));
  return std::make_shared<const picture>(std::move(made));
}

} // namespace chalkstream::pipelines::tools
