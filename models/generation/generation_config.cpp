#include "models/generation/generation_config.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <string_view>

namespace chalkstream::models {
namespace {

using token_list = std::vector<std::int32_t>;

// Read below.
constexpr std::array known_keys{"bos_token_id",
                                "eos_token_id",
                                "decoder_start_token_id",
                                "forced_bos_token_id",
                                "forced_eos_token_id",
                                "max_length",
                                "max_new_tokens",
                                "min_length",
                                "min_new_tokens",
                                "num_beams",
                                "length_penalty",
                                "early_stopping",
                                "repetition_penalty",
                                "no_repeat_ngram_size",
                                "bad_words_ids",
                                "suppress_tokens",
                                "begin_suppress_tokens",
                                "renormalize_logits",
                                "do_sample",
                                "temperature",
                                "top_k",
                                "top_p"};

// Change nothing in what is written.
constexpr std::array harmless_keys{"transformers_version",
                                   "_from_model_config",
                                   "_commit_hash",
                                   "pad_token_id",
                                   "use_cache",
                                   "cache_implementation",
                                   "cache_config",
                                   "max_cache_len",
                                   "return_legacy_cache",
                                   "output_attentions",
                                   "output_hidden_states",
                                   "output_scores",
                                   "output_logits",
                                   "return_dict_in_generate",
                                   "compile_config",
                                   "disable_compile",
                                   "low_memory",
                                   "prefill_chunk_size",
                                   "continuous_batching_config",
                                   "is_assistant",
                                   "num_assistant_tokens",
                                   "num_assistant_tokens_schedule",
                                   "assistant_early_exit",
                                   "assistant_confidence_threshold",
                                   "assistant_lookbehind",
                                   "target_lookbehind",
                                   "prompt_lookup_num_tokens",
                                   "max_matching_ngram_size",
                                   "use_mtp",
                                   "speculation_type"};

// Known to Hugging Face and not to us; `neutral` is the value at which such a key changes nothing (NaN: none does).
struct foreign_key {
  std::string_view name;
  double neutral;
};
constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr std::array foreign_keys{foreign_key{"num_return_sequences", 1},
                                  foreign_key{"num_beam_groups", 1},
                                  foreign_key{"diversity_penalty", 0},
                                  foreign_key{"encoder_repetition_penalty", 1},
                                  foreign_key{"encoder_no_repeat_ngram_size", 0},
                                  foreign_key{"typical_p", 1},
                                  foreign_key{"min_p", 0},
                                  foreign_key{"top_h", none},
                                  foreign_key{"epsilon_cutoff", 0},
                                  foreign_key{"eta_cutoff", 0},
                                  foreign_key{"penalty_alpha", 0},
                                  foreign_key{"guidance_scale", 1},
                                  foreign_key{"remove_invalid_values", 0},
                                  foreign_key{"token_healing", 0},
                                  foreign_key{"exponential_decay_length_penalty", none},
                                  foreign_key{"sequence_bias", none},
                                  foreign_key{"watermarking_config", none},
                                  foreign_key{"constraints", none},
                                  foreign_key{"force_words_ids", none},
                                  foreign_key{"dola_layers", none},
                                  foreign_key{"stop_strings", none},
                                  foreign_key{"max_time", none},
                                  foreign_key{"assistant_ensemble_weight", none}};

error wrong(const settings& file, std::string_view key, std::string_view meant) {
  return {errc::invalid_configuration, file.file() + ": '" + std::string(key) + "' must be " + std::string(meant)};
}

// False and true are 0 and 1.
bool equals(const json_value& value, double wanted) {
  if (const auto* x = value.as<bool>())
    return (*x ? 1.0 : 0.0) == wanted;
  if (const auto* x = value.as<std::uint64_t>())
    return static_cast<double>(*x) == wanted;
  const auto* x = value.as<double>();
  return x != nullptr && *x == wanted;
}

result<void> refuse_foreign(const settings& file) {
  for (const auto& key : foreign_keys) {
    const auto* value = file.find(key.name);
    if (value != nullptr && !value->is_null() && !equals(*value, key.neutral))
      return {errc::unsupported, file.file() + ": '" + std::string(key.name)
                                     + "' changes what is written, and this build does not have it"};
  }
  return {};
}

result<void> refuse_unknown(const settings& file, const json_value::object& keys) {
  const auto same = [](std::string_view name) { return [name](std::string_view other) { return name == other; }; };
  for (const auto& [key, value] : keys) {
    const std::string_view name = key;
    const bool known = std::any_of(known_keys.begin(), known_keys.end(), same(name))
                       || std::any_of(harmless_keys.begin(), harmless_keys.end(), same(name))
                       || std::any_of(foreign_keys.begin(), foreign_keys.end(),
                                      [name](const foreign_key& k) { return k.name == name; });
    if (!known && !value.is_null())
      return {errc::unsupported, file.file() + ": '" + key + "' is not a setting of generation this build knows"};
  }
  return {};
}

result<std::int32_t> token(const settings& file, std::string_view key, const json_value& value) {
  const auto* id = value.as<std::uint64_t>();
  if (id == nullptr || *id > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max()))
    return wrong(file, key, "a token's id, a whole number of at least 0");
  return static_cast<std::int32_t>(*id);
}

// Null where the key is absent or null.
const json_value* present(const settings& file, std::string_view key) {
  const auto* value = file.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

result<token_list> list_of_tokens(const settings& file, std::string_view key, const json_value& value) {
  const auto* list = value.as<json_value::array>();
  if (list == nullptr)
    return wrong(file, key, "a list of tokens' ids");
  token_list ids;
  for (const auto& each : *list) {
    CHALK_TRY(const auto id, token(file, key, each));
    ids.push_back(id);
  }
  return ids;
}

// A lone token is a list of one.
result<token_list> tokens(const settings& file, std::string_view key) {
  const auto* value = present(file, key);
  if (value == nullptr)
    return token_list();
  if (value->as<json_value::array>() != nullptr)
    return list_of_tokens(file, key, *value);
  CHALK_TRY(const auto id, token(file, key, *value));
  return token_list{id};
}

result<std::optional<std::int32_t>> one_token(const settings& file, std::string_view key) {
  const auto* value = present(file, key);
  if (value == nullptr)
    return std::optional<std::int32_t>();
  CHALK_TRY(const auto id, token(file, key, *value));
  return std::optional(id);
}

result<std::vector<token_list>> lists_of_tokens(const settings& file, std::string_view key) {
  std::vector<token_list> lists;
  const auto* value = present(file, key);
  if (value == nullptr)
    return lists;
  const auto* outer = value->as<json_value::array>();
  if (outer == nullptr)
    return wrong(file, key, "a list of lists of tokens' ids");
  for (const auto& each : *outer) {
    CHALK_TRY(auto ids, list_of_tokens(file, key, each));
    if (ids.empty())
      return wrong(file, key, "a list of lists that have at least one token's id each");
    lists.push_back(std::move(ids));
  }
  return lists;
}

// More tokens than any model writes are as good as this many; sums of them stay far from overflow.
constexpr std::uint64_t most_tokens = 1ULL << 40U;

result<std::optional<std::size_t>> length(const settings& file, std::string_view key, std::uint64_t least) {
  if (present(file, key) == nullptr)
    return std::optional<std::size_t>();
  CHALK_TRY(const auto tokens, file.whole_number(key, std::nullopt));
  if (tokens < least)
    return wrong(file, key, "at least " + std::to_string(least));
  return std::optional<std::size_t>(std::min(tokens, most_tokens));
}

result<std::size_t> length(const settings& file, std::string_view key, std::uint64_t least, std::size_t fallback) {
  CHALK_TRY(const auto tokens, length(file, key, least));
  return tokens.value_or(fallback);
}

result<early_stopping> read_early_stopping(const settings& file) {
  const auto* value = present(file, "early_stopping");
  if (value == nullptr)
    return early_stopping::no;
  if (const auto* on = value->as<bool>())
    return *on ? early_stopping::yes : early_stopping::no;
  if (const auto* word = value->as<std::string>(); word != nullptr && *word == "never")
    return early_stopping::never;
  return wrong(file, "early_stopping", "true, false or \"never\"");
}

result<double> positive(const settings& file, std::string_view key) {
  CHALK_TRY(const auto value, file.number(key, 1.0));
  if (!(value > 0))
    return wrong(file, key, "more than 0");
  return value;
}

// A model made of two says in its decoder's part what it does not say itself.
json_value with_decoders_keys(const json_value::object& whole) {
  json_value merged(whole);
  const auto* part = merged.find("decoder");
  const auto* more = part == nullptr ? nullptr : part->as<json_value::object>();
  if (more == nullptr)
    return merged;
  json_value::object keys = *more;
  for (const auto& [name, value] : whole) {
    if (value.is_null())
      continue;
    std::erase_if(keys, [&name = name](const auto& key) { return key.first == name; });
    keys.emplace_back(name, value);
  }
  return json_value(std::move(keys));
}

} // namespace

result<generation_config> generation_config::read(const settings& file, bool whole_model) {
  CHALK_CHECK(refuse_foreign(file));
  generation_config c;
  CHALK_TRY(c.ends, tokens(file, "eos_token_id"));
  CHALK_TRY(c.start, one_token(file, "decoder_start_token_id"));
  CHALK_TRY(const auto first, one_token(file, "bos_token_id"));
  if (!c.start)
    c.start = first;
  CHALK_TRY(c.forced_first, one_token(file, "forced_bos_token_id"));
  if (whole_model) {
    // What BART's configurations had before there was forced_bos_token_id.
    CHALK_TRY(const auto force_first, file.flag("force_bos_token_to_be_generated", false));
    if (force_first)
      c.forced_first = first;
  }
  CHALK_TRY(c.forced_last, tokens(file, "forced_eos_token_id"));
  CHALK_TRY(c.max_length, length(file, "max_length", 1));
  CHALK_TRY(c.max_new_tokens, length(file, "max_new_tokens", 1));
  CHALK_TRY(c.min_length, length(file, "min_length", 0, 0));
  CHALK_TRY(c.min_new_tokens, length(file, "min_new_tokens", 0));
  CHALK_TRY(c.beams, length(file, "num_beams", 1, 1));
  CHALK_TRY(c.length_penalty, file.number("length_penalty", 1.0));
  CHALK_TRY(c.stop_early, read_early_stopping(file));
  CHALK_TRY(c.repetition_penalty, positive(file, "repetition_penalty"));
  CHALK_TRY(c.no_repeat_ngram, length(file, "no_repeat_ngram_size", 0, 0));
  CHALK_TRY(c.bad_words, lists_of_tokens(file, "bad_words_ids"));
  CHALK_TRY(c.suppressed, tokens(file, "suppress_tokens"));
  CHALK_TRY(c.suppressed_first, tokens(file, "begin_suppress_tokens"));
  CHALK_TRY(c.renormalize, file.flag("renormalize_logits", false));
  CHALK_TRY(c.sample, file.flag("do_sample", false));
  CHALK_TRY(c.temperature, positive(file, "temperature"));
  CHALK_TRY(c.top_k, length(file, "top_k", 0, 50));
  CHALK_TRY(c.top_p, file.number("top_p", 1.0));
  if (!(c.top_p >= 0 && c.top_p <= 1))
    return wrong(file, "top_p", "from 0 to 1");
  return c;
}

result<generation_config> generation_config::of_directory(const std::filesystem::path& directory) {
  std::error_code failed;
  const auto own = directory / "generation_config.json";
  const bool has_own = std::filesystem::exists(own, failed);
  const auto file = has_own ? own : directory / "config.json";
  CHALK_TRY(const auto root, read_json(file));
  const auto* keys = root.as<json_value::object>();
  if (keys == nullptr)
    return error{errc::invalid_configuration, file.string() + ": must be an object"};
  const auto whole = has_own ? root : with_decoders_keys(*keys);
  const settings read_from(file.string(), whole);
  if (has_own)
    CHALK_CHECK(refuse_unknown(read_from, *keys));
  return read(read_from, !has_own);
}

result<void> generation_config::fits(std::size_t vocabulary) const {
  const auto check = [vocabulary](std::string_view key, const token_list& ids) -> result<void> {
    for (const auto id : ids)
      if (static_cast<std::size_t>(id) >= vocabulary)
        return {errc::invalid_configuration, "'" + std::string(key) + "' of the generation settings names token "
                                                 + std::to_string(id) + "; the model has "
                                                 + std::to_string(vocabulary)};
    return {};
  };
  const auto lone = [](const std::optional<std::int32_t>& id) { return id ? token_list{*id} : token_list(); };
  CHALK_CHECK(check("eos_token_id", ends));
  CHALK_CHECK(check("decoder_start_token_id", lone(start)));
  CHALK_CHECK(check("forced_bos_token_id", lone(forced_first)));
  CHALK_CHECK(check("forced_eos_token_id", forced_last));
  CHALK_CHECK(check("suppress_tokens", suppressed));
  CHALK_CHECK(check("begin_suppress_tokens", suppressed_first));
  for (const auto& word : bad_words)
    CHALK_CHECK(check("bad_words_ids", word));
  return {};
}

} // namespace chalkstream::models
