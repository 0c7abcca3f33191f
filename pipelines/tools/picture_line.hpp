// The input lines of `infer` for models of images: {"id","image":{"uri"|"data"}}.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/image/preprocessor.hpp"
#include "pipelines/tools/json_lines.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace chalkstream::pipelines::tools {

struct picture_line {
  /// As JSON; "null" if the line has none.
  std::string id = "null";
  /// The file itself, read from where the line says, or from its base64.
  std::string file;
};

/// `uri` is a path, or file:// and an absolute path (RFC 8089) with what is special in it percent-encoded; a relative
/// path begins in the working directory. Blocks while it reads. Other fields are ignored. Thread-safe.
std::variant<picture_line, line_error> parse_picture_line(std::string_view line);

/// The image in the file. Errors say what is wrong with the file, or that it has several pages.
result<picture> only_picture(std::string_view file);

/// The same as the model takes it. Errors say what is wrong with the file, or that it has several pages.
result<std::shared_ptr<const picture>> prepared_picture(std::string_view file, const image::preprocessor& prepare);

} // namespace chalkstream::pipelines::tools
