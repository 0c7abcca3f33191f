#include "models/text/tokenizer_settings.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "models/text/json_section.hpp"
#include "models/text/tokenizer_json.hpp"

namespace chalkstream::text {

namespace {

constexpr std::size_t max_file_bytes = std::size_t{64} << 20;
constexpr const char* config_file = "tokenizer_config.json";

constexpr std::array<std::string_view, 8> roles{"bos_token", "eos_token", "unk_token",  "sep_token",
                                                "pad_token", "cls_token", "mask_token", "mask_token_sent"};

// Settings that change no token of a text, or that other parts read.
constexpr std::array<std::string_view, 28> without_effect{"auto_map",
                                                          "backend",
                                                          "chat_template",
                                                          "clean_up_tokenization_spaces",
                                                          "errors",
                                                          "is_local",
                                                          "language_codes",
                                                          "local_files_only",
                                                          "max_len",
                                                          "max_length",
                                                          "model_input_names",
                                                          "model_max_length",
                                                          "name_or_path",
                                                          "pad_to_multiple_of",
                                                          "pad_token_type_id",
                                                          "padding_side",
                                                          "processor_class",
                                                          "return_token_type_ids",
                                                          "source_lang",
                                                          "spaces_between_special_tokens",
                                                          "special_tokens_map_file",
                                                          "stride",
                                                          "target_lang",
                                                          "tgt_lang",
                                                          "tokenizer_file",
                                                          "truncation_side",
                                                          "truncation_strategy",
                                                          "use_default_system_prompt"};

bool is_one_of(std::string_view key, std::span<const std::string_view> known) {
  return std::find(known.begin(), known.end(), key) != known.end();
}

/// The file's whole object; nothing when there is no such file.
result<std::optional<json_document>> read_object(const std::filesystem::path& directory, const char* file) {
  auto text = read_file(directory / file, max_file_bytes);
  if (!text)
    return text.error().code == errc::not_found ? result<std::optional<json_document>>(std::nullopt)
                                                : std::move(text).error();
  CHALK_TRY(json_document made, json_document::parse(*text, file));
  return std::optional(std::move(made));
}

/// "</s>" or {"content": "</s>", …}.
result<added_token> read_token(json_value value, const std::string& where, const char* file) {
  added_token token;
  token.id = tokenizer_settings::no_id;
  token.special = true;
  if (const std::string* content = value.string()) {
    token.content = *content;
  } else {
    CHALK_TRY(const section part, section::of(value, where, file));
    CHALK_CHECK(part.knows({"content", "lstrip", "rstrip", "normalized", "single_word", "special", "__type"}));
    CHALK_TRY(token.content, part.string("content"));
    CHALK_TRY(token.lstrip, part.flag_or("lstrip", false));
    CHALK_TRY(token.rstrip, part.flag_or("rstrip", false));
    CHALK_TRY(token.single_word, part.flag_or("single_word", false));
    CHALK_TRY(token.special, part.flag_or("special", true));
  }
  if (token.content.empty())
    return {errc::corrupt, std::string(file) + ": " + where + " is empty"};
  return token;
}

class reader {
public:
  tokenizer_settings made;

  result<void> read_config(json_value root) {
    CHALK_TRY(const section top, section::of(root, "", config_file));
    for (const auto& [key, value] : root.members())
      if (root.find(key) && !is_one_of(key, without_effect)) // null says nothing
        CHALK_CHECK(take(top, std::string(key), value));
    return {};
  }

  result<void> read_special_tokens(json_value root) {
    constexpr const char* file = "special_tokens_map.json";
    CHALK_TRY(const section top, section::of(root, "", file));
    for (const auto& [key, value] : root.members()) {
      if (is_one_of(key, roles))
        CHALK_CHECK(take_role(std::string(key), value, file));
      else if (key == "additional_special_tokens" || key == "extra_special_tokens")
        CHALK_CHECK(take_list(value, std::string(key), file));
      else
        return top.failure(errc::unsupported, std::string(key) + " is not known to this build");
    }
    return {};
  }

  /// {"[MASK]": 128000}
  result<void> read_added_tokens(json_value root) {
    constexpr const char* file = "added_tokens.json";
    CHALK_TRY(const section top, section::of(root, "", file));
    for (const auto& [content, unused] : root.members()) {
      added_token token;
      token.content = content;
      CHALK_TRY(const std::int64_t id, top.number(token.content.c_str(), std::numeric_limits<std::int32_t>::max()));
      // The file knows ids alone: the flags are what another file says.
      const auto known = std::find_if(made.added.begin(), made.added.end(),
                                      [&](const added_token& each) { return each.content == token.content; });
      if (known != made.added.end())
        token = *known;
      token.id = static_cast<std::int32_t>(id);
      CHALK_CHECK(add(std::move(token), file));
    }
    return {};
  }

private:
  result<void> take(const section& top, const std::string& key, json_value value) {
    const std::pair<const char*, std::optional<bool>*> flags[] = {{"legacy", &made.legacy},
                                                                  {"add_prefix_space", &made.add_prefix_space},
                                                                  {"add_bos_token", &made.add_bos_token},
                                                                  {"add_eos_token", &made.add_eos_token},
                                                                  {"do_lower_case", &made.do_lower_case},
                                                                  {"keep_accents", &made.keep_accents},
                                                                  {"split_by_punct", &made.split_by_punct},
                                                                  {"separate_vocabs", &made.separate_vocabs}};
    for (const auto& [name, flag] : flags)
      if (key == name) {
        CHALK_TRY(*flag, top.flag(name));
        return {};
      }
    if (is_one_of(key, roles))
      return take_role(key, value, config_file);
    if (key == "additional_special_tokens" || key == "extra_special_tokens")
      return take_list(value, key, config_file);
    if (key == "added_tokens_decoder")
      return take_decoder(value);
    if (key == "extra_ids" || key == "offset") {
      CHALK_TRY(const std::int64_t number, top.number(key.c_str(), 1 << 20));
      (key == "offset" ? made.offset : made.extra_ids) = static_cast<std::size_t>(number);
      return {};
    }
    if (key == "src_lang") {
      CHALK_TRY(made.source_language, top.string("src_lang"));
      return {};
    }
    if (key == "tokenizer_class") {
      CHALK_TRY(made.tokenizer_class, top.string("tokenizer_class"));
      if (made.tokenizer_class.ends_with("Fast"))
        made.tokenizer_class.resize(made.tokenizer_class.size() - 4);
      return {};
    }
    if (key == "sp_model_kwargs" && value.is_object() && value.size() == 0)
      return {};
    return top.failure(errc::unsupported, key + " is not known to this build");
  }

  result<void> take_role(const std::string& role, json_value value, const char* file) {
    CHALK_TRY(added_token token, read_token(value, role, file));
    const auto [at, is_new] = made.named.emplace(role, token);
    if (is_new)
      return {};
    if (at->second.content != token.content)
      return error{errc::corrupt, std::string(file) + ": " + role + " is " + token.content + ", but " + config_file
                                      + " says " + at->second.content};
    at->second.lstrip |= token.lstrip;
    at->second.rstrip |= token.rstrip;
    return {};
  }

  result<void> take_list(json_value value, const std::string& key, const char* file) {
    if (!value.is_array())
      return error{errc::corrupt, std::string(file) + ": " + key + " is not an array"};
    for (std::size_t k = 0; k < value.size(); ++k) {
      CHALK_TRY(added_token token, read_token(value[k], key + "[" + std::to_string(k) + "]", file));
      CHALK_CHECK(add(std::move(token), file));
    }
    return {};
  }

  /// {"0": {"content": "<s>", …}}
  result<void> take_decoder(json_value value) {
    CHALK_TRY(const section all, section::of(value, "added_tokens_decoder", config_file));
    for (const auto& [key, its] : value.members()) {
      const std::string where = "added_tokens_decoder." + std::string(key);
      CHALK_TRY(added_token token, read_token(its, where, config_file));
      if (key.empty() || key.size() > 8 || key.find_first_not_of("0123456789") != std::string_view::npos)
        return all.failure(errc::corrupt, where + " is not an id");
      token.id = std::stoi(std::string(key));
      CHALK_CHECK(add(std::move(token), config_file));
    }
    return {};
  }

  /// A token that is there already gains an id; another one contradicts it.
  result<void> add(added_token token, const char* file) {
    const auto known = std::find_if(made.added.begin(), made.added.end(),
                                    [&](const added_token& each) { return each.content == token.content; });
    if (known == made.added.end()) {
      made.added.push_back(std::move(token));
      return {};
    }
    if (known->id >= 0 && token.id >= 0 && known->id != token.id)
      return error{errc::corrupt, std::string(file) + ": " + token.content + " has id " + std::to_string(token.id)
                                      + ", and elsewhere " + std::to_string(known->id)};
    if (token.id >= 0)
      *known = std::move(token);
    return {};
  }
};

} // namespace

result<tokenizer_settings> tokenizer_settings::read(const std::filesystem::path& directory) {
  reader all;
  CHALK_TRY(const auto config, read_object(directory, config_file));
  if (config)
    CHALK_CHECK(all.read_config(config->root()));
  CHALK_TRY(const auto special, read_object(directory, "special_tokens_map.json"));
  if (special)
    CHALK_CHECK(all.read_special_tokens(special->root()));
  CHALK_TRY(const auto added, read_object(directory, "added_tokens.json"));
  if (added)
    CHALK_CHECK(all.read_added_tokens(added->root()));
  CHALK_TRY(const auto model, read_object(directory, "config.json"));
  if (model) {
    CHALK_TRY(const section top, section::of(model->root(), "", "config.json"));
    CHALK_TRY(all.made.model_type, top.string_or("model_type", ""));
  }
  return std::move(all.made);
}

} // namespace chalkstream::text
