#include "models/text/tokenizer_parts_json.hpp"

namespace chalkstream::text {

namespace {

using kind = decoder_step::kind;

result<decoder_step> read_strip(const section& part) {
  CHALK_CHECK(part.knows({"type", "content", "start", "stop"}));
  decoder_step step{kind::strip};
  CHALK_TRY(step.character, part.character("content"));
  CHALK_TRY(const std::int64_t start, part.number("start", INT32_MAX));
  CHALK_TRY(const std::int64_t stop, part.number("stop", INT32_MAX));
  step.start = static_cast<std::size_t>(start);
  step.stop = static_cast<std::size_t>(stop);
  return step;
}

result<decoder_step> read_metaspace(const section& part) {
  CHALK_CHECK(part.knows({"type", "replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep"}));
  decoder_step step{kind::metaspace};
  CHALK_TRY(step.character, part.character("replacement"));
  CHALK_TRY(const auto scheme, read_prepend_scheme(part));
  step.drop_first = scheme != pre_tokenizer_step::prepend_scheme::never;
  return step;
}

result<decoder_step> read_replace(const section& part) {
  CHALK_CHECK(part.knows({"type", "pattern", "content"}));
  decoder_step step{kind::replace};
  CHALK_TRY(step.pattern, read_pattern(part));
  CHALK_TRY(step.to, part.string("content"));
  return step;
}

result<decoder_step> read_ctc(const section& part) {
  CHALK_CHECK(part.knows({"type", "pad_token", "word_delimiter_token", "cleanup"}));
  decoder_step step{kind::ctc};
  CHALK_TRY(step.from, part.string("pad_token"));
  CHALK_TRY(step.to, part.string("word_delimiter_token"));
  CHALK_TRY(step.cleanup, part.flag("cleanup"));
  return step;
}

result<decoder_step> read_one(const section& part, const std::string& type) {
  if (type == "Strip")
    return read_strip(part);
  if (type == "Metaspace")
    return read_metaspace(part);
  if (type == "Replace")
    return read_replace(part);
  if (type == "CTC")
    return read_ctc(part);
  decoder_step step;
  if (type == "WordPiece") {
    CHALK_CHECK(part.knows({"type", "prefix", "cleanup"}));
    step.what = kind::wordpiece;
    CHALK_TRY(step.from, part.string("prefix"));
    CHALK_TRY(step.cleanup, part.flag("cleanup"));
    return step;
  }
  if (type == "BPEDecoder") {
    CHALK_CHECK(part.knows({"type", "suffix"}));
    step.what = kind::bpe;
    CHALK_TRY(step.from, part.string("suffix"));
    return step;
  }
  if (type == "ByteLevel") {
    CHALK_CHECK(part.knows({"type", "add_prefix_space", "trim_offsets", "use_regex"}));
    step.what = kind::byte_level;
    return step;
  }
  if (type != "ByteFallback" && type != "Fuse")
    return unsupported(part.where() + ": decoder " + type + " is not known to this build");
  CHALK_CHECK(part.knows({"type"}));
  step.what = type == "Fuse" ? kind::fuse : kind::byte_fallback;
  return step;
}

} // namespace

result<std::vector<decoder_step>> read_decoder(json_value value) {
  std::vector<decoder_step> steps;
  CHALK_CHECK(read_components(value, "decoder", "decoders",
                              [&](const section& part, const std::string& type) -> result<void> {
                                CHALK_TRY(decoder_step step, read_one(part, type));
                                steps.push_back(std::move(step));
                                return {};
                              }));
  return steps;
}

} // namespace chalkstream::text
