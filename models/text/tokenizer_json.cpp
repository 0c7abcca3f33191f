#include "models/text/tokenizer_json.hpp"

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <unordered_map>

#include <nlohmann/json.hpp>

namespace chalkstream::text {

namespace {

using json = nlohmann::json;

constexpr int max_depth = 64;
constexpr std::int64_t max_sane_length = std::int64_t{1} << 24; // "no limit" is written as 1e30

struct too_deep {};

error corrupt(std::string message) {
  return {errc::corrupt, "tokenizer.json: " + std::move(message)};
}
error unsupported(std::string message) {
  return {errc::unsupported, "tokenizer.json: " + std::move(message)};
}

result<json> parse(std::string_view text, const char* file) {
  const auto shallow = [](int depth, json::parse_event_t, json&) {
    if (depth > max_depth)
      throw too_deep{};
    return true;
  };
  // The JSON library reports by exception; this is where they stop.
  try {
    return json::parse(text.begin(), text.end(), shallow);
  } catch (const too_deep&) {
    return {errc::corrupt, std::string(file) + ": nested more than " + std::to_string(max_depth) + " deep"};
  } catch (const json::exception&) {
    return {errc::corrupt, std::string(file) + ": is not valid JSON"};
  }
}

/// One JSON object of the file: typed access by key, and a check that no key was overlooked.
class section {
public:
  static result<section> of(const json& value, std::string where) {
    if (!value.is_object())
      return corrupt(where + " is not an object");
    return section(value, std::move(where));
  }

  const std::string& where() const { return where_; }

  const json* find(const char* key) const {
    const auto at = value_->find(key);
    return at == value_->end() || at->is_null() ? nullptr : &*at;
  }

  result<bool> flag(const char* key) const { return typed<bool>(key, &json::is_boolean, "true or false"); }
  result<std::string> string(const char* key) const { return typed<std::string>(key, &json::is_string, "a string"); }
  result<const json*> array(const char* key) const { return whole(key, &json::is_array, "an array"); }
  result<const json*> object(const char* key) const { return whole(key, &json::is_object, "an object"); }

  result<std::int64_t> number(const char* key, std::int64_t largest) const {
    CHALK_TRY(const json* at, whole(key, &json::is_number_integer, "a whole number"));
    if (at->is_number_unsigned() ? at->get<std::uint64_t>() > static_cast<std::uint64_t>(largest)
                                 : at->get<std::int64_t>() < 0)
      return corrupt(where_ + "." + key + " is out of range");
    return at->get<std::int64_t>();
  }

  result<void> knows(std::initializer_list<std::string_view> keys) const {
    for (const auto& [key, unused] : value_->items())
      if (std::find(keys.begin(), keys.end(), key) == keys.end())
        return unsupported(where_ + " has a key this build does not know: " + key);
    return {};
  }

private:
  section(const json& value, std::string where) : value_(&value), where_(std::move(where)) {}

  using check = bool (json::*)() const noexcept;

  result<const json*> whole(const char* key, check is, const char* meant) const {
    const json* at = find(key);
    if (at == nullptr)
      return corrupt(where_ + "." + key + " is missing");
    if (!(at->*is)())
      return corrupt(where_ + "." + key + " is not " + meant);
    return at;
  }

  template <class T>
  result<T> typed(const char* key, check is, const char* meant) const {
    CHALK_TRY(const json* at, whole(key, is, meant));
    return at->get<T>();
  }

  const json* value_;
  std::string where_;
};

/// A component that may be a Sequence of components: `each` reads one that is not.
template <class Each>
result<void> read_components(const json& value, const std::string& where, const char* list, Each each) {
  CHALK_TRY(const section part, section::of(value, where));
  CHALK_TRY(const std::string type, part.string("type"));
  if (type != "Sequence")
    return each(part, type);
  CHALK_CHECK(part.knows({"type", list}));
  CHALK_TRY(const json* parts, part.array(list));
  for (std::size_t k = 0; k < parts->size(); ++k)
    CHALK_CHECK(read_components((*parts)[k], where + "." + list + "[" + std::to_string(k) + "]", list, each));
  return {};
}

result<void> read_normalizer(const section& part, const std::string& type, std::vector<normalizer_step>& steps) {
  using kind = normalizer_step::kind;
  normalizer_step step;
  if (type == "BertNormalizer") {
    CHALK_CHECK(part.knows({"type", "clean_text", "handle_chinese_chars", "strip_accents", "lowercase"}));
    CHALK_TRY(step.clean_text, part.flag("clean_text"));
    CHALK_TRY(step.handle_chinese_chars, part.flag("handle_chinese_chars"));
    CHALK_TRY(step.lowercase, part.flag("lowercase"));
    step.strip_accents = step.lowercase;
    if (part.find("strip_accents") != nullptr) {
      CHALK_TRY(step.strip_accents, part.flag("strip_accents"));
    }
    steps.push_back(step);
    return {};
  }
  static const std::unordered_map<std::string_view, kind> plain{{"Lowercase", kind::lowercase},
                                                                {"StripAccents", kind::strip_accents},
                                                                {"NFD", kind::nfd},
                                                                {"NFKD", kind::nfkd},
                                                                {"NFC", kind::nfc},
                                                                {"NFKC", kind::nfkc}};
  const auto known = plain.find(type);
  if (known == plain.end())
    return unsupported(part.where() + ": normalizer " + type + " is not known to this build");
  CHALK_CHECK(part.knows({"type"}));
  step.what = known->second;
  steps.push_back(step);
  return {};
}

result<void> read_pre_tokenizer(const section& part, const std::string& type,
                                std::vector<pre_tokenizer_step>& steps) {
  using kind = pre_tokenizer_step::kind;
  using behavior = pre_tokenizer_step::behavior;
  static const std::unordered_map<std::string_view, kind> kinds{{"BertPreTokenizer", kind::bert},
                                                                {"Whitespace", kind::whitespace},
                                                                {"WhitespaceSplit", kind::whitespace_split},
                                                                {"Punctuation", kind::punctuation}};
  static const std::unordered_map<std::string_view, behavior> behaviors{
      {"Removed", behavior::removed},
      {"Isolated", behavior::isolated},
      {"MergedWithPrevious", behavior::merged_with_previous},
      {"MergedWithNext", behavior::merged_with_next},
      {"Contiguous", behavior::contiguous}};
  const auto known = kinds.find(type);
  if (known == kinds.end())
    return unsupported(part.where() + ": pre-tokenizer " + type + " is not known to this build");
  pre_tokenizer_step step{known->second, behavior::isolated};
  if (step.what != kind::punctuation) {
    CHALK_CHECK(part.knows({"type"}));
  } else {
    CHALK_CHECK(part.knows({"type", "behavior"}));
    if (part.find("behavior") != nullptr) {
      CHALK_TRY(const std::string name, part.string("behavior"));
      const auto how = behaviors.find(name);
      if (how == behaviors.end())
        return unsupported(part.where() + ": behavior " + name + " is not known to this build");
      step.how = how->second;
    }
  }
  steps.push_back(step);
  return {};
}

result<wordpiece_description> read_model(const json& value) {
  CHALK_TRY(const section part, section::of(value, "model"));
  if (part.find("type") != nullptr) {
    CHALK_TRY(const std::string type, part.string("type"));
    if (type != "WordPiece")
      return unsupported("model " + type + " is not known to this build (WordPiece is)");
  } else if (part.find("continuing_subword_prefix") == nullptr || part.find("merges") != nullptr) {
    return unsupported("model has no type and is not WordPiece");
  }
  CHALK_CHECK(part.knows({"type", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab"}));
  wordpiece_description model;
  CHALK_TRY(model.unknown_token, part.string("unk_token"));
  CHALK_TRY(model.continuing_prefix, part.string("continuing_subword_prefix"));
  CHALK_TRY(const std::int64_t longest, part.number("max_input_chars_per_word", INT64_MAX));
  model.max_input_chars_per_word = static_cast<std::size_t>(longest);
  CHALK_TRY(const json* vocabulary, part.object("vocab"));

  // An id is an index once all of them are known to be 0 to n-1, each once: no allocation follows a number in the
  // file.
  const std::size_t size = vocabulary->size();
  model.vocabulary.resize(size);
  std::vector<bool> taken(size);
  for (const auto& [token, id] : vocabulary->items()) {
    if (!id.is_number_integer())
      return corrupt("model.vocab: an id is not a whole number");
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= size)
      return corrupt("model.vocab: ids have a gap: " + id.dump() + " among " + std::to_string(size) + " tokens");
    const auto at = id.get<std::size_t>();
    if (taken[at])
      return corrupt("model.vocab: id " + std::to_string(at) + " is given twice");
    taken[at] = true;
    model.vocabulary[at] = token;
  }
  return model;
}

result<std::vector<added_token>> read_added_tokens(const json& value, const wordpiece_description& model) {
  if (!value.is_array())
    return corrupt("added_tokens is not an array");
  std::unordered_map<std::string_view, std::int64_t> ids;
  for (std::size_t id = 0; id < model.vocabulary.size(); ++id)
    ids.emplace(model.vocabulary[id], static_cast<std::int64_t>(id));
  std::vector<added_token> tokens(value.size());
  auto next = static_cast<std::int64_t>(model.vocabulary.size());
  for (std::size_t k = 0; k < value.size(); ++k) {
    CHALK_TRY(const section part, section::of(value[k], "added_tokens[" + std::to_string(k) + "]"));
    CHALK_CHECK(part.knows({"id", "content", "special", "single_word", "lstrip", "rstrip", "normalized"}));
    added_token& token = tokens[k];
    CHALK_TRY(token.content, part.string("content"));
    CHALK_TRY(token.special, part.flag("special"));
    CHALK_TRY(token.single_word, part.flag("single_word"));
    CHALK_TRY(token.lstrip, part.flag("lstrip"));
    CHALK_TRY(token.rstrip, part.flag("rstrip"));
    CHALK_TRY(token.normalized, part.flag("normalized"));
    CHALK_TRY(const std::int64_t id, part.number("id", INT32_MAX));
    // A token of the vocabulary keeps its id; new ones count on behind it.
    const auto [known, is_new] = ids.emplace(token.content, next);
    next += is_new ? 1 : 0;
    if (known->second != id)
      return corrupt(part.where() + " has id " + std::to_string(id) + ", but its place is "
                     + std::to_string(known->second));
    token.id = static_cast<std::int32_t>(id);
  }
  return tokens;
}

result<std::int32_t> token_id(const json& value, std::size_t vocabulary, const std::string& where) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() >= vocabulary)
    return corrupt(where + " names an id outside the vocabulary");
  return value.get<std::int32_t>();
}

result<std::vector<template_piece>> read_template(const section& processor, const char* key, const json& specials,
                                                  std::size_t vocabulary) {
  CHALK_TRY(const json* list, processor.array(key));
  std::vector<template_piece> pieces;
  for (const json& item : *list) {
    const std::string where = processor.where() + "." + key;
    CHALK_TRY(const section outer, section::of(item, where));
    CHALK_CHECK(outer.knows({"Sequence", "SpecialToken"}));
    const bool is_text = outer.find("Sequence") != nullptr;
    CHALK_TRY(const json* inner, outer.object(is_text ? "Sequence" : "SpecialToken"));
    CHALK_TRY(const section piece, section::of(*inner, where));
    CHALK_CHECK(piece.knows({"id", "type_id"}));
    CHALK_TRY(const std::string id, piece.string("id"));
    CHALK_TRY(const std::int64_t type, piece.number("type_id", INT32_MAX));
    template_piece made{template_piece::kind::special, static_cast<std::int32_t>(type), {}};
    if (is_text) {
      if (id != "A" && (id != "B" || std::string_view(key) == "single"))
        return corrupt(where + " uses a text it does not have");
      made.what = id == "A" ? template_piece::kind::first : template_piece::kind::second;
    } else {
      const auto special = specials.find(id);
      if (special == specials.end())
        return corrupt(where + " uses a special token that is not listed");
      CHALK_TRY(const section token, section::of(*special, processor.where() + ".special_tokens"));
      CHALK_TRY(const json* ids, token.array("ids"));
      for (const json& each : *ids) {
        CHALK_TRY(const std::int32_t known, token_id(each, vocabulary, token.where()));
        made.ids.push_back(known);
      }
    }
    pieces.push_back(std::move(made));
  }
  return pieces;
}

result<std::int32_t> read_bert_token(const section& part, const char* key, std::size_t vocabulary) {
  CHALK_TRY(const json* pair, part.array(key));
  if (pair->size() != 2 || !(*pair)[0].is_string())
    return corrupt(part.where() + "." + key + " is not a token and its id");
  return token_id((*pair)[1], vocabulary, part.where() + "." + key);
}

result<post_processor> read_post_processor(const json& value, std::size_t vocabulary) {
  CHALK_TRY(const section part, section::of(value, "post_processor"));
  CHALK_TRY(const std::string type, part.string("type"));
  post_processor post;
  if (type == "TemplateProcessing") {
    CHALK_CHECK(part.knows({"type", "single", "pair", "special_tokens"}));
    CHALK_TRY(const json* specials, part.object("special_tokens"));
    CHALK_TRY(post.single, read_template(part, "single", *specials, vocabulary));
    CHALK_TRY(post.pair, read_template(part, "pair", *specials, vocabulary));
    return post;
  }
  if (type == "BertProcessing") {
    CHALK_CHECK(part.knows({"type", "sep", "cls"}));
    CHALK_TRY(const std::int32_t sep, read_bert_token(part, "sep", vocabulary));
    CHALK_TRY(const std::int32_t cls, read_bert_token(part, "cls", vocabulary));
    using kind = template_piece::kind;
    post.single = {{kind::special, 0, {cls}}, {kind::first, 0, {}}, {kind::special, 0, {sep}}};
    post.pair = post.single;
    post.pair.push_back({kind::second, 1, {}});
    post.pair.push_back({kind::special, 1, {sep}});
    return post;
  }
  return unsupported("post_processor " + type + " is not known to this build");
}

} // namespace

result<tokenizer_description> read_tokenizer_json(std::string_view text) {
  CHALK_TRY(const json file, parse(text, "tokenizer.json"));
  CHALK_TRY(const section top, section::of(file, "the file"));
  CHALK_CHECK(top.knows({"version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
                         "post_processor", "decoder", "model"}));
  if (top.find("version") != nullptr) {
    CHALK_TRY(const std::string version, top.string("version"));
    if (version != "1.0")
      return unsupported("version " + version + " is not known to this build (1.0 is)");
  }
  tokenizer_description made;
  if (const json* value = top.find("normalizer"))
    CHALK_CHECK(
        read_components(*value, "normalizer", "normalizers", [&](const section& part, const std::string& type) {
          return read_normalizer(part, type, made.normalizer);
        }));
  if (const json* value = top.find("pre_tokenizer"))
    CHALK_CHECK(
        read_components(*value, "pre_tokenizer", "pretokenizers", [&](const section& part, const std::string& type) {
          return read_pre_tokenizer(part, type, made.pre_tokenizer);
        }));
  CHALK_TRY(const json* model, top.object("model"));
  CHALK_TRY(made.model, read_model(*model));
  std::size_t vocabulary = made.model.vocabulary.size();
  if (const json* value = top.find("added_tokens")) {
    CHALK_TRY(made.added, read_added_tokens(*value, made.model));
    for (const added_token& token : made.added)
      vocabulary = std::max(vocabulary, static_cast<std::size_t>(token.id) + 1);
  }
  if (const json* value = top.find("post_processor")) {
    CHALK_TRY(made.post, read_post_processor(*value, vocabulary));
  }
  return made;
}

result<std::optional<std::size_t>> read_max_length(std::string_view text) {
  CHALK_TRY(const json file, parse(text, "tokenizer_config.json"));
  if (!file.is_object())
    return {errc::corrupt, "tokenizer_config.json: is not an object"};
  const auto at = file.find("model_max_length");
  if (at == file.end() || at->is_null())
    return std::optional<std::size_t>();
  if (!at->is_number())
    return {errc::corrupt, "tokenizer_config.json: model_max_length is not a number"};
  const auto value = at->get<double>();
  if (!(value >= 1))
    return {errc::corrupt, "tokenizer_config.json: model_max_length is not positive"};
  if (value > static_cast<double>(max_sane_length))
    return std::optional<std::size_t>();
  return std::optional(static_cast<std::size_t>(value));
}

result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
  const std::string name = path.filename().string();
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (!std::filesystem::exists(status))
    return {errc::not_found, name + " is not in the model directory"};
  const auto size = std::filesystem::is_regular_file(status) ? std::filesystem::file_size(path, failed) : 0;
  std::ifstream in(path, std::ios::binary);
  if (failed || !std::filesystem::is_regular_file(status) || !in)
    return {errc::io, name + " cannot be read"};
  if (size > limit)
    return {errc::unsupported,
            name + " has " + std::to_string(size) + " bytes; " + std::to_string(limit) + " at most"};
  std::string bytes(static_cast<std::size_t>(size), '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (static_cast<std::uintmax_t>(in.gcount()) != size)
    return {errc::io, name + " changed while it was read"};
  return bytes;
}

} // namespace chalkstream::text
