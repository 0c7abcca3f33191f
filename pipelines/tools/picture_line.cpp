#include "pipelines/tools/picture_line.hpp"

#include "models/document.hpp"
#include "models/image/decode.hpp"
#include "models/text/base64.hpp"
#include "pipelines/tools/json_fields.hpp"

#include <simdjson.h>

#include <span>
#include <utility>

namespace chalkstream::pipelines::tools {

namespace {

namespace dom = simdjson::dom;

int hexadecimal_digit(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto at = digits.find(lower);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

// %2F and its like; what is not written so is itself.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hexadecimal_digit(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : hexadecimal_digit(text[i + 2]);
    if (low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

result<std::string> path_of(std::string_view uri) {
  if (const auto scheme = uri.find("://"); scheme == std::string_view::npos)
    return std::string(uri);
  constexpr std::string_view file = "file://";
  constexpr std::string_view local = "localhost";
  if (!uri.starts_with(file))
    return error{errc::unsupported, "`uri` must be a path or begin with file://; nothing is fetched from elsewhere"};
  uri.remove_prefix(file.size());
  if (uri.starts_with(local))
    uri.remove_prefix(local.size());
  if (!uri.starts_with('/'))
    return error{errc::invalid_argument, "`uri` must have an absolute path behind file://"};
  return percent_decoded(uri);
}

result<std::string> read_uri(std::string_view uri) {
  CHALK_TRY(const auto path, path_of(uri));
  return models::read_text(path, image::decode_limits{}.max_bytes);
}

result<std::string> read_data(std::string_view data) {
  auto bytes = text::decode_base64(data);
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

result<std::shared_ptr<const picture>> prepared_picture(std::string_view file, const image::preprocessor& prepare) {
  CHALK_TRY(const auto pages, image::decode(std::as_bytes(std::span(file)), {}));
  if (pages.size() != 1)
    return error{errc::invalid_argument,
                 "the file has " + std::to_string(pages.size()) + " pages; send one image a line"};
  CHALK_TRY(auto made, prepare.prepare(pages.front()));
  return std::make_shared<const picture>(std::move(made));
}

} // namespace chalkstream::pipelines::tools
