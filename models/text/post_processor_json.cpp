#include "models/text/tokenizer_parts_json.hpp"

namespace chalkstream::text {

namespace {

using kind = template_piece::kind;

result<std::int32_t> token_id(json_value value, std::size_t vocabulary, const std::string& where) {
  const auto id = value.natural();
  if (!id || *id >= vocabulary)
    return corrupt(where + " names an id outside the vocabulary");
  return static_cast<std::int32_t>(*id);
}

result<std::vector<template_piece>> read_template(const section& processor, const char* key, json_value specials,
                                                  std::size_t vocabulary) {
  CHALK_TRY(const json_value list, processor.array(key));
  std::vector<template_piece> pieces;
  for (std::size_t k = 0; k < list.size(); ++k) {
    const std::string where = processor.where() + "." + key;
    CHALK_TRY(const section outer, section::of(list[k], where));
    CHALK_CHECK(outer.knows({"Sequence", "SpecialToken"}));
    const bool is_text = outer.find("Sequence").has_value();
    CHALK_TRY(const json_value inner, outer.object(is_text ? "Sequence" : "SpecialToken"));
    CHALK_TRY(const section piece, section::of(inner, where));
    CHALK_CHECK(piece.knows({"id", "type_id"}));
    CHALK_TRY(const std::string id, piece.string("id"));
    CHALK_TRY(const std::int64_t type, piece.number("type_id", INT32_MAX));
    template_piece made{kind::special, static_cast<std::int32_t>(type), {}};
    if (is_text) {
      if (id != "A" && (id != "B" || std::string_view(key) == "single"))
        return corrupt(where + " uses a text it does not have");
      made.what = id == "A" ? kind::first : kind::second;
    } else {
      const auto special = specials.find(id);
      if (!special)
        return corrupt(where + " uses a special token that is not listed");
      CHALK_TRY(const section token, section::of(*special, processor.where() + ".special_tokens"));
      CHALK_TRY(const json_value ids, token.array("ids"));
      for (std::size_t n = 0; n < ids.size(); ++n) {
        CHALK_TRY(const std::int32_t known, token_id(ids[n], vocabulary, token.where()));
        made.ids.push_back(known);
      }
    }
    pieces.push_back(std::move(made));
  }
  return pieces;
}

/// A token and its id.
result<std::int32_t> read_token(const section& part, const char* key, std::size_t vocabulary) {
  CHALK_TRY(const json_value pair, part.array(key));
  if (pair.size() != 2 || pair[0].string() == nullptr)
    return corrupt(part.where() + "." + key + " is not a token and its id");
  return token_id(pair[1], vocabulary, part.where() + "." + key);
}

/// Adds what one processor does to those before it.
class reader {
public:
  explicit reader(std::size_t vocabulary) : vocabulary_(vocabulary) {}

  result<void> take(const section& part, const std::string& type) {
    if (type == "ByteLevel")
      return take_byte_level(part);
    if (templated_)
      return unsupported(part.where() + ": " + type + " behind another template is not known to this build");
    templated_ = true;
    if (type == "TemplateProcessing")
      return take_template(part);
    if (type == "BertProcessing")
      return take_bert(part);
    if (type == "RobertaProcessing")
      return take_roberta(part);
    return unsupported(part.where() + ": post-processor " + type + " is not known to this build");
  }

  post_processor post;

private:
  result<void> take_byte_level(const section& part) {
    CHALK_CHECK(part.knows({"type", "add_prefix_space", "trim_offsets", "use_regex"}));
    CHALK_CHECK(take_trim(part));
    if (trimmed_ && shifted_)
      return unsupported(part.where()
                         + ": trim_offsets behind RobertaProcessing or BertProcessing is not known to "
                           "this build");
    return {};
  }

  result<void> take_trim(const section& part) {
    CHALK_TRY(const bool prefix, part.flag("add_prefix_space"));
    CHALK_TRY(trimmed_, part.flag("trim_offsets"));
    if (trimmed_)
      post.trims.push_back({prefix});
    return {};
  }

  result<void> take_template(const section& part) {
    CHALK_CHECK(part.knows({"type", "single", "pair", "special_tokens"}));
    CHALK_TRY(const json_value specials, part.object("special_tokens"));
    CHALK_TRY(post.single, read_template(part, "single", specials, vocabulary_));
    CHALK_TRY(post.pair, read_template(part, "pair", specials, vocabulary_));
    return {};
  }

  result<void> take_bert(const section& part) {
    CHALK_CHECK(part.knows({"type", "sep", "cls"}));
    CHALK_TRY(const std::int32_t sep, read_token(part, "sep", vocabulary_));
    CHALK_TRY(const std::int32_t cls, read_token(part, "cls", vocabulary_));
    shifted_ = true;
    post.single = {{kind::special, 0, {cls}}, {kind::first, 0, {}}, {kind::special, 0, {sep}}};
    post.pair = post.single;
    post.pair.push_back({kind::second, 1, {}});
    post.pair.push_back({kind::special, 1, {sep}});
    return {};
  }

  result<void> take_roberta(const section& part) {
    CHALK_CHECK(part.knows({"type", "sep", "cls", "trim_offsets", "add_prefix_space"}));
    CHALK_CHECK(take_trim(part));
    CHALK_TRY(const std::int32_t sep, read_token(part, "sep", vocabulary_));
    CHALK_TRY(const std::int32_t cls, read_token(part, "cls", vocabulary_));
    shifted_ = true;
    post.single = {{kind::special, 0, {cls}}, {kind::first, 0, {}}, {kind::special, 0, {sep}}};
    post.pair = post.single;
    post.pair.push_back({kind::special, 0, {sep}});
    post.pair.push_back({kind::second, 0, {}});
    post.pair.push_back({kind::special, 0, {sep}});
    return {};
  }

  std::size_t vocabulary_;
  bool templated_ = false; // a template was taken
  bool shifted_ = false;   // and it moved the text's tokens: none of them is the first any more
  bool trimmed_ = false;   // the last processor trims
};

} // namespace

result<post_processor> read_post_processor(json_value value, std::size_t vocabulary) {
  reader all(vocabulary);
  CHALK_CHECK(read_components(value, "post_processor", "processors",
                              [&](const section& part, const std::string& type) { return all.take(part, type); }));
  return std::move(all.post);
}

} // namespace chalkstream::text
