#include "education/json_document.hpp"

#include <cstring>
#include <memory>
#include <simdjson.h>
#include <string>

namespace chalkstream::education {

namespace {

/// What a thread keeps between documents; beyond this it gives the memory back.
constexpr std::size_t kept_bytes = 1 << 18;

struct workspace {
  std::unique_ptr<char[]> bytes;
  std::size_t capacity = 0;
  std::size_t depth = 0;
  std::unique_ptr<simdjson::dom::parser> parser;

  /// A copy with the padding behind it that the parser reads over.
  const char* padded(std::string_view value) {
    const auto needed = value.size() + simdjson::SIMDJSON_PADDING;
    if (needed > capacity || (capacity > kept_bytes && needed <= kept_bytes)) {
      const auto wanted = std::max<std::size_t>(needed, 4096);
      capacity = 0;
      bytes.reset(new char[wanted]);
      capacity = wanted;
      parser.reset();
    }
    std::memcpy(bytes.get(), value.data(), value.size());
    std::memset(bytes.get() + value.size(), 0, simdjson::SIMDJSON_PADDING);
    return bytes.get();
  }
};

rejection explain(simdjson::error_code code) {
  switch (code) {
  case simdjson::UTF8_ERROR:
    return {reject_reason::invalid_utf8, stage::prepare, "the value is not UTF-8"};
  case simdjson::DEPTH_ERROR:
    return {reject_reason::too_deep, stage::prepare, "the value is nested too deeply"};
  case simdjson::EMPTY:
    return {reject_reason::malformed_json, stage::prepare, "the value is empty"};
  case simdjson::NUMBER_ERROR:
    return {reject_reason::malformed_json, stage::prepare, "the value holds a number that is malformed or too large"};
  case simdjson::STRING_ERROR:
  case simdjson::UNESCAPED_CHARS:
  case simdjson::UNCLOSED_STRING:
    return {reject_reason::malformed_json, stage::prepare, "the value holds a malformed string"};
  default:
    return {reject_reason::malformed_json, stage::prepare, "the value is not one JSON object"};
  }
}

} // namespace

std::optional<rejection> parse_object(std::optional<std::string_view> value, std::size_t max_bytes,
                                      std::size_t max_depth, simdjson::dom::object& out) {
  thread_local workspace space;
  if (!value)
    return rejection{reject_reason::empty_value, stage::prepare, "the record has no value"};
  if (value->size() > max_bytes)
    return rejection{reject_reason::too_large, stage::prepare,
                     "the value has " + std::to_string(value->size()) + " bytes; the limit is "
                         + std::to_string(max_bytes)};
  const char* bytes = space.padded(*value);
  if (!space.parser || space.depth != max_depth) {
    space.parser = std::make_unique<simdjson::dom::parser>();
    space.depth = max_depth;
    // The parser counts the document itself as a level.
    if (const auto failed = space.parser->allocate(std::max<std::size_t>(value->size(), 4096), max_depth + 1)) {
      space.parser.reset();
      return explain(failed);
    }
  }
  simdjson::dom::element root;
  if (const auto failed = space.parser->parse(bytes, value->size(), false).get(root))
    return explain(failed);
  if (root.get_object().get(out))
    return rejection{reject_reason::wrong_type, stage::prepare, "the value is JSON, but not an object"};
  return std::nullopt;
}

rejection refuse(reject_reason reason, std::string_view field, std::string_view what) {
  std::string detail{field};
  detail.append(" ").append(what);
  return {reason, stage::prepare, std::move(detail)};
}

} // namespace chalkstream::education
