#include <unordered_map>

#include "models/text/tokenizer_parts_json.hpp"

namespace chalkstream::text {

namespace {

using kind = pre_tokenizer_step::kind;
using behavior = pre_tokenizer_step::behavior;
using prepend_scheme = pre_tokenizer_step::prepend_scheme;

result<behavior> read_behavior(const section& part) {
  static const std::unordered_map<std::string_view, behavior> behaviors{
      {"Removed", behavior::removed},
      {"Isolated", behavior::isolated},
      {"MergedWithPrevious", behavior::merged_with_previous},
      {"MergedWithNext", behavior::merged_with_next},
      {"Contiguous", behavior::contiguous}};
  CHALK_TRY(const std::string name, part.string("behavior"));
  const auto how = behaviors.find(name);
  if (how == behaviors.end())
    return unsupported(part.where() + ": behavior " + name + " is not known to this build");
  return how->second;
}

result<pre_tokenizer_step> read_metaspace(const section& part) {
  CHALK_CHECK(part.knows({"type", "replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep"}));
  pre_tokenizer_step step{kind::metaspace};
  CHALK_TRY(step.character, part.character("replacement"));
  CHALK_TRY(step.prepend, read_prepend_scheme(part));
  CHALK_TRY(step.cut_at_character, part.flag_or("split", true));
  return step;
}

result<pre_tokenizer_step> read_byte_level(const section& part) {
  CHALK_CHECK(part.knows({"type", "add_prefix_space", "trim_offsets", "use_regex"}));
  pre_tokenizer_step step{kind::byte_level};
  CHALK_TRY(const bool prefix, part.flag("add_prefix_space"));
  CHALK_TRY(const bool cuts, part.flag_or("use_regex", true));
  step.prepend = prefix ? prepend_scheme::always : prepend_scheme::never;
  if (cuts)
    step.pattern = text_pattern::gpt2();
  return step;
}

result<pre_tokenizer_step> read_split(const section& part) {
  CHALK_CHECK(part.knows({"type", "pattern", "behavior", "invert"}));
  pre_tokenizer_step step{kind::split};
  CHALK_TRY(step.pattern, read_pattern(part));
  CHALK_TRY(step.how, read_behavior(part));
  CHALK_TRY(step.invert, part.flag_or("invert", false));
  return step;
}

result<pre_tokenizer_step> read_one(const section& part, const std::string& type) {
  static const std::unordered_map<std::string_view, kind> plain{{"BertPreTokenizer", kind::bert},
                                                                {"Whitespace", kind::whitespace},
                                                                {"WhitespaceSplit", kind::whitespace_split},
                                                                {"UnicodeScripts", kind::scripts}};
  if (type == "ByteLevel")
    return read_byte_level(part);
  if (type == "Metaspace")
    return read_metaspace(part);
  if (type == "Split")
    return read_split(part);
  pre_tokenizer_step step;
  if (type == "Punctuation") {
    CHALK_CHECK(part.knows({"type", "behavior"}));
    step.what = kind::punctuation;
    if (part.find("behavior")) {
      CHALK_TRY(step.how, read_behavior(part));
    }
    return step;
  }
  if (type == "Digits") {
    CHALK_CHECK(part.knows({"type", "individual_digits"}));
    CHALK_TRY(const bool alone, part.flag("individual_digits"));
    step.what = kind::digits;
    step.how = alone ? behavior::isolated : behavior::contiguous;
    return step;
  }
  if (type == "CharDelimiterSplit") {
    CHALK_CHECK(part.knows({"type", "delimiter"}));
    step.what = kind::delimiter;
    CHALK_TRY(step.character, part.character("delimiter"));
    return step;
  }
  if (type == "FixedLength") {
    CHALK_CHECK(part.knows({"type", "length"}));
    step.what = kind::fixed_length;
    CHALK_TRY(const std::int64_t length, part.number("length", INT32_MAX));
    if (length == 0)
      return corrupt(part.where() + ".length is 0");
    step.length = static_cast<std::size_t>(length);
    return step;
  }
  const auto known = plain.find(type);
  if (known == plain.end())
    return unsupported(part.where() + ": pre-tokenizer " + type + " is not known to this build");
  CHALK_CHECK(part.knows({"type"}));
  step.what = known->second;
  return step;
}

} // namespace

result<prepend_scheme> read_prepend_scheme(const section& part) {
  static const std::unordered_map<std::string_view, prepend_scheme> schemes{
      {"never", prepend_scheme::never}, {"first", prepend_scheme::first}, {"always", prepend_scheme::always}};
  CHALK_TRY(const std::string name, part.string_or("prepend_scheme", "always"));
  const auto scheme = schemes.find(name);
  if (scheme == schemes.end())
    return unsupported(part.where() + ": prepend_scheme " + name + " is not known to this build");
  CHALK_TRY(const bool prefix, part.flag_or("add_prefix_space", true));
  if (!prefix && scheme->second != prepend_scheme::never)
    return corrupt(part.where() + ": add_prefix_space contradicts prepend_scheme");
  return scheme->second;
}

result<std::vector<pre_tokenizer_step>> read_pre_tokenizer(json_value value) {
  std::vector<pre_tokenizer_step> steps;
  CHALK_CHECK(read_components(value, "pre_tokenizer", "pretokenizers",
                              [&](const section& part, const std::string& type) -> result<void> {
                                CHALK_TRY(pre_tokenizer_step step, read_one(part, type));
                                steps.push_back(std::move(step));
                                return {};
                              }));
  return steps;
}

} // namespace chalkstream::text
