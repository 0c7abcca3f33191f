#include <unordered_map>

#include "models/text/tokenizer_parts_json.hpp"
#include "models/text/utf8.hpp"

namespace chalkstream::text {

namespace {

using kind = normalizer_step::kind;

result<normalizer_step> read_bert(const section& part) {
  CHALK_CHECK(part.knows({"type", "clean_text", "handle_chinese_chars", "strip_accents", "lowercase"}));
  normalizer_step step;
  CHALK_TRY(step.clean_text, part.flag("clean_text"));
  CHALK_TRY(step.handle_chinese_chars, part.flag("handle_chinese_chars"));
  CHALK_TRY(step.lowercase, part.flag("lowercase"));
  CHALK_TRY(step.strip_accents, part.flag_or("strip_accents", step.lowercase));
  return step;
}

result<normalizer_step> read_precompiled(const section& part) {
  CHALK_CHECK(part.knows({"type", "precompiled_charsmap"}));
  CHALK_TRY(const std::string encoded, part.string("precompiled_charsmap"));
  auto map = charsmap::parse_base64(encoded);
  if (!map)
    return corrupt(part.where() + ": " + map.error().message);
  normalizer_step step{kind::precompiled};
  step.map = std::make_shared<const charsmap>(std::move(map).value());
  return step;
}

result<normalizer_step> read_one(const section& part, const std::string& type) {
  static const std::unordered_map<std::string_view, kind> plain{{"Lowercase", kind::lowercase},
                                                                {"StripAccents", kind::strip_accents},
                                                                {"NFD", kind::nfd},
                                                                {"NFKD", kind::nfkd},
                                                                {"NFC", kind::nfc},
                                                                {"NFKC", kind::nfkc},
                                                                {"Nmt", kind::nmt},
                                                                {"ByteLevel", kind::byte_level}};
  if (type == "BertNormalizer")
    return read_bert(part);
  if (type == "Precompiled")
    return read_precompiled(part);
  normalizer_step step;
  if (type == "Replace") {
    CHALK_CHECK(part.knows({"type", "pattern", "content"}));
    CHALK_TRY(step.pattern, read_pattern(part));
    CHALK_TRY(const std::string content, part.string("content"));
    step.what = kind::replace;
    step.content = decoded(content);
    return step;
  }
  if (type == "Prepend") {
    CHALK_CHECK(part.knows({"type", "prepend"}));
    CHALK_TRY(const std::string content, part.string("prepend"));
    step.what = kind::prepend;
    step.content = decoded(content);
    return step;
  }
  if (type == "Strip") {
    CHALK_CHECK(part.knows({"type", "strip_left", "strip_right"}));
    CHALK_TRY(step.strip_left, part.flag("strip_left"));
    CHALK_TRY(step.strip_right, part.flag("strip_right"));
    step.what = kind::strip;
    return step;
  }
  const auto known = plain.find(type);
  if (known == plain.end())
    return unsupported(part.where() + ": normalizer " + type + " is not known to this build");
  CHALK_CHECK(part.knows({"type"}));
  step.what = known->second;
  return step;
}

} // namespace

result<std::vector<normalizer_step>> read_normalizer(json_value value) {
  std::vector<normalizer_step> steps;
  CHALK_CHECK(read_components(value, "normalizer", "normalizers",
                              [&](const section& part, const std::string& type) -> result<void> {
                                CHALK_TRY(normalizer_step step, read_one(part, type));
                                steps.push_back(std::move(step));
                                return {};
                              }));
  return steps;
}

result<text_pattern> read_pattern(const section& part) {
  CHALK_TRY(const json_value value, part.object("pattern"));
  CHALK_TRY(const section pattern, section::of(value, part.where() + ".pattern"));
  CHALK_CHECK(pattern.knows({"String", "Regex"}));
  const bool is_string = pattern.find("String").has_value();
  CHALK_TRY(const std::string text, pattern.string(is_string ? "String" : "Regex"));
  auto made = is_string ? text_pattern::string(text) : text_pattern::expression(text);
  if (!made)
    return {made.error().code, "tokenizer.json: " + pattern.where() + ": " + made.error().message};
  return made;
}

} // namespace chalkstream::text
