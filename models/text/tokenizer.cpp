#include "models/text/tokenizer.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "models/text/merges_tokenizer.hpp"
#include "models/text/piece_tokenizer.hpp"
#include "models/text/text_encoder.hpp"
#include "models/text/tokenizer_json.hpp"
#include "models/text/truncation.hpp"
#include "models/text/utf8.hpp"
#include "models/text/word_tokenizer.hpp"

namespace chalkstream::text {

namespace {

// The largest published tokenizer.json has 34 MB.
constexpr std::size_t max_file_bytes = std::size_t{256} << 20;
constexpr std::size_t max_text_bytes = std::numeric_limits<std::uint32_t>::max() - 1;

result<void> check_text(std::string_view text) {
  if (text.size() > max_text_bytes)
    return {errc::invalid_argument, "the text has 4 GiB or more"};
  if (!is_valid_utf8(text))
    return {errc::invalid_argument, "the text is not valid UTF-8"};
  return {};
}

result<void> check_tokens(const token_sink& of) {
  if (of.failed() == token_sink::failure::expression_gave_up)
    return {errc::invalid_argument, "a regular expression of the tokenizer takes too long on the text"};
  if (of.failed() == token_sink::failure::no_token)
    return {errc::invalid_argument, "the tokenizer has no token for a part of the text, nor one for the unknown"};
  return {};
}

using token_range = std::pair<std::size_t, std::size_t>;

/// Appends tokens [begin, end) of one text.
void append(encoding& out, const token_sink& tokens, token_range part, std::int32_t type, bool offsets) {
  const auto begin = static_cast<std::ptrdiff_t>(part.first), end = static_cast<std::ptrdiff_t>(part.second);
  out.ids.insert(out.ids.end(), tokens.ids.begin() + begin, tokens.ids.begin() + end);
  out.types.insert(out.types.end(), part.second - part.first, type);
  if (offsets)
    out.offsets.insert(out.offsets.end(), tokens.offsets.begin() + begin, tokens.offsets.begin() + end);
}

/// Parts of one or two texts as the template joins them.
encoding assemble(const std::vector<template_piece>& pieces, const token_sink& first, token_range of_first,
                  const token_sink& second, token_range of_second, const encode_options& options) {
  encoding out;
  const std::size_t total = of_first.second - of_first.first + of_second.second - of_second.first
                            + (options.special_tokens ? post_processor::added(pieces) : 0);
  out.ids.reserve(total);
  out.types.reserve(total);
  out.offsets.reserve(options.offsets ? total : 0);
  for (const template_piece& piece : pieces) {
    if (piece.what == template_piece::kind::first) {
      append(out, first, of_first, piece.type, options.offsets);
    } else if (piece.what == template_piece::kind::second) {
      out.second = {out.ids.size(), out.ids.size() + of_second.second - of_second.first};
      append(out, second, of_second, piece.type, options.offsets);
    } else if (options.special_tokens) {
      out.ids.insert(out.ids.end(), piece.ids.begin(), piece.ids.end());
      out.types.insert(out.types.end(), piece.ids.size(), piece.type);
      if (options.offsets)
        out.offsets.insert(out.offsets.end(), piece.ids.size(), {0, 0});
    }
  }
  return out;
}

/// A thread's working memory for the tokens of two texts.
struct sinks {
  token_sink first, second;
};
sinks& of_this_thread() {
  thread_local sinks kept;
  return kept;
}

/// Of tokenizer.json, or of word vectors, SentencePiece files or merges of bytes when there is none.
result<tokenizer_description> read_description(const std::filesystem::path& directory) {
  auto json = read_file(directory / "tokenizer.json", max_file_bytes);
  if (json)
    return read_tokenizer_json(*json);
  if (json.error().code != errc::not_found)
    return std::move(json).error();
  CHALK_TRY(const bool has_words, has_word_vectors(directory));
  if (has_words)
    return read_word_tokenizer(directory);
  if (has_pieces(directory))
    return read_piece_tokenizer(directory);
  return has_merges(directory) ? read_merges_tokenizer(directory) : std::move(json).error();
}

/// How tokens read when decoded, and which of them are special: those that read like a special one.
struct spellings {
  std::vector<std::string> by_id;
  std::vector<bool> special;
};

spellings spell(const tokenizer_description& of, const normalizer& normalize, std::size_t size) {
  spellings made;
  made.by_id = of.target_vocabulary.empty() ? vocabulary_of(of.model) : of.target_vocabulary;
  made.by_id.resize(size);
  std::unordered_set<std::string_view> special;
  for (const added_token& token : of.added) {
    made.by_id[static_cast<std::size_t>(token.id)] =
        token.normalized ? normalized_form(token.content, normalize) : token.content;
    if (token.special)
      special.insert(token.content);
  }
  made.special.reserve(size);
  for (const std::string& token : made.by_id)
    made.special.push_back(special.count(token) != 0);
  return made;
}

} // namespace

struct tokenizer::parts {
  std::unique_ptr<const text_encoder> encoder;
  post_processor post;
  std::size_t added_single = 0;
  std::size_t added_pair = 0;
  std::size_t vocabulary_size = 0;
  std::vector<std::int32_t> special; // sorted; the unknown token is none of them
  std::optional<std::size_t> max_length;
  spellings tokens;
  std::unordered_map<std::string_view, std::int32_t> ids; // by how tokens read; views into `tokens`
  std::optional<decoder> decode;
};

tokenizer::tokenizer(std::unique_ptr<const parts> made) : parts_(std::move(made)) {}
tokenizer::~tokenizer() = default;

result<std::shared_ptr<const tokenizer>> tokenizer::load(const std::filesystem::path& model_directory) {
  CHALK_TRY(tokenizer_description description, read_description(model_directory));
  return load(model_directory, std::move(description));
}

result<std::shared_ptr<const tokenizer>> tokenizer::load_target(const std::filesystem::path& model_directory) {
  std::error_code ignored;
  if (std::filesystem::exists(model_directory / "tokenizer.json", ignored) || !has_pieces(model_directory))
    return load(model_directory);
  CHALK_TRY(tokenizer_description description, read_target_pieces(model_directory));
  return load(model_directory, std::move(description));
}

result<std::shared_ptr<const tokenizer>> tokenizer::load(const std::filesystem::path& model_directory,
                                                         tokenizer_description description) {
  std::optional<std::size_t> max_length;
  auto configuration = read_file(model_directory / "tokenizer_config.json", max_file_bytes);
  if (configuration) {
    CHALK_TRY(max_length, read_max_length(configuration.value()));
  } else if (configuration.error().code != errc::not_found) {
    return configuration.error();
  }
  return build(std::move(description), max_length);
}

result<std::shared_ptr<const tokenizer>> tokenizer::parse(std::string_view tokenizer_json) {
  CHALK_TRY(tokenizer_description description, read_tokenizer_json(tokenizer_json));
  return build(std::move(description), std::nullopt);
}

result<std::shared_ptr<const tokenizer>> tokenizer::build(tokenizer_description description,
                                                          std::optional<std::size_t> max_length) {
  auto made = std::make_unique<parts>();
  made->max_length = max_length;
  auto model = token_model::build(description.model);
  if (!model)
    return {model.error().code, "tokenizer.json: " + model.error().message};
  made->vocabulary_size = model->vocabulary_size();
  for (const added_token& token : description.added) {
    made->vocabulary_size = std::max(made->vocabulary_size, static_cast<std::size_t>(token.id) + 1);
    if (token.special && token.id != model->unknown_id())
      made->special.push_back(token.id);
  }
  const normalizer normalize(std::move(description.normalizer));
  made->vocabulary_size = std::max(made->vocabulary_size, description.target_vocabulary.size());
  made->tokens = spell(description, normalize, made->vocabulary_size);
  for (std::size_t id = 0; id < made->tokens.by_id.size(); ++id)
    made->ids.emplace(made->tokens.by_id[id], static_cast<std::int32_t>(id));
  if (description.decoder)
    made->decode.emplace(std::move(*description.decoder));
  made->post = std::move(description.post);
  for (const auto* pieces : {&made->post.single, &made->post.pair})
    for (const template_piece& piece : *pieces)
      made->special.insert(made->special.end(), piece.ids.begin(), piece.ids.end());
  std::sort(made->special.begin(), made->special.end());
  made->added_single = post_processor::added(made->post.single);
  made->added_pair = post_processor::added(made->post.pair);

  std::vector<token_edges> edges;
  if (!made->post.trims.empty())
    for (const std::string& token : vocabulary_of(description.model))
      edges.push_back(edges_of(token));
  auto encoder =
      text_encoder::build({normalize, pre_tokenizer(std::move(description.pre_tokenizer)), std::move(model).value(),
                           std::move(description.added), made->post.trims, std::move(edges)});
  if (!encoder)
    return {encoder.error().code, "tokenizer.json: " + encoder.error().message};
  made->encoder = std::move(encoder).value();
  return std::shared_ptr<const tokenizer>(new tokenizer(std::move(made)));
}

result<encoding> tokenizer::encode(std::string_view text, const encode_options& options) const {
  return encode_all(text, nullptr, options);
}

result<encoding> tokenizer::encode_pair(std::string_view first, std::string_view second,
                                        const encode_options& options) const {
  return encode_all(first, &second, options);
}

result<encoding> tokenizer::encode_all(std::string_view first, const std::string_view* second,
                                       const encode_options& options) const {
  CHALK_CHECK(check_text(first));
  if (second != nullptr)
    CHALK_CHECK(check_text(*second));
  const std::size_t added = !options.special_tokens ? 0
                            : second != nullptr     ? parts_->added_pair
                                                    : parts_->added_single;
  const truncation cut = options.max_tokens == 0 ? truncation::none : options.cut;
  if (cut != truncation::none && options.max_tokens < added)
    return {errc::invalid_argument, "max_tokens is smaller than the " + std::to_string(added) + " special tokens"};

  // A text is read no further than the limit, unless its whole length decides who gives way.
  const std::size_t room = cut == truncation::none ? token_sink::unlimited : options.max_tokens - added;
  const bool halves_differ = cut == truncation::longest_first && second != nullptr && room % 2 == 1;
  const std::size_t limit = halves_differ ? token_sink::unlimited : room;
  auto& [first_tokens, second_tokens] = of_this_thread();
  first_tokens.reset(options.offsets, cut == truncation::only_second ? token_sink::unlimited : limit);
  parts_->encoder->encode(first, first_tokens);
  second_tokens.reset(options.offsets, cut == truncation::only_first ? token_sink::unlimited : limit);
  if (second != nullptr)
    parts_->encoder->encode(*second, second_tokens);
  CHALK_CHECK(check_tokens(first_tokens));
  CHALK_CHECK(check_tokens(second_tokens));
  CHALK_TRY(const kept_tokens kept,
            truncate(first_tokens.ids.size(), second_tokens.ids.size(), second != nullptr, cut, room));

  encoding out = assemble(second != nullptr ? parts_->post.pair : parts_->post.single, first_tokens, {0, kept.first},
                          second_tokens, {0, kept.second}, options);
  out.truncated = kept.first < first_tokens.ids.size() || kept.second < second_tokens.ids.size();
  return out;
}

result<std::vector<pair_window>> tokenizer::encode_windows(std::string_view first, std::string_view second,
                                                           const window_options& options) const {
  CHALK_CHECK(check_text(first));
  CHALK_CHECK(check_text(second));
  const std::size_t added = parts_->added_pair;
  if (options.max_tokens <= added)
    return {errc::invalid_argument, "max_tokens is not more than the " + std::to_string(added) + " special tokens"};
  auto& [first_tokens, second_tokens] = of_this_thread();
  first_tokens.reset(true, options.max_tokens);
  parts_->encoder->encode(first, first_tokens);
  const std::size_t both = options.max_tokens - added;
  const std::size_t least = std::max<std::size_t>(1, both / 4);
  if (check_tokens(first_tokens) && first_tokens.ids.size() > both - least)
    return {errc::invalid_argument, "the first text leaves the second fewer than " + std::to_string(least) + " of "
                                        + std::to_string(options.max_tokens) + " tokens"};
  const std::size_t room = both - first_tokens.ids.size();
  const std::size_t stride = std::min(options.stride, room / 2);
  const std::size_t most = std::max<std::size_t>(1, options.most);
  second_tokens.reset(true, room + (most - 1) * (room - stride));
  parts_->encoder->encode(second, second_tokens);
  CHALK_CHECK(check_tokens(first_tokens));
  CHALK_CHECK(check_tokens(second_tokens));

  std::vector<pair_window> all;
  for (const token_range& part : windows(second_tokens.ids.size(), room, stride)) {
    if (all.size() == most) {
      all.back().tokens.truncated = true;
      break;
    }
    all.push_back({assemble(parts_->post.pair, first_tokens, {0, first_tokens.ids.size()}, second_tokens, part, {}),
                   part.first});
  }
  return all;
}

result<std::string> tokenizer::decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const {
  std::vector<std::string> tokens;
  tokens.reserve(ids.size());
  for (const std::int32_t id : ids) {
    const auto at = static_cast<std::size_t>(id);
    if (id >= 0 && at < parts_->tokens.by_id.size() && !(skip_special_tokens && parts_->tokens.special[at]))
      tokens.push_back(parts_->tokens.by_id[at]);
  }
  if (parts_->decode) {
    auto text = parts_->decode->join(std::move(tokens));
    if (!text)
      return {errc::invalid_argument, "a regular expression of the tokenizer takes too long on a token"};
    return std::move(*text);
  }
  std::string text;
  for (std::size_t k = 0; k < tokens.size(); ++k)
    text.append(k == 0 ? "" : " ").append(tokens[k]);
  return text;
}

std::optional<std::int32_t> tokenizer::id_of(std::string_view token) const {
  const auto at = parts_->ids.find(token);
  return at == parts_->ids.end() ? std::nullopt : std::optional(at->second);
}

std::size_t tokenizer::vocabulary_size() const noexcept {
  return parts_->vocabulary_size;
}

std::optional<std::size_t> tokenizer::configured_max_length() const noexcept {
  return parts_->max_length;
}

double tokenizer::unknown_share(const encoding& of) const noexcept {
  const std::int32_t unknown_id = parts_->encoder->model().unknown_id();
  std::size_t from_text = 0, unknown = 0;
  for (const std::int32_t id : of.ids) {
    unknown += id == unknown_id;
    from_text += !std::binary_search(parts_->special.begin(), parts_->special.end(), id);
  }
  return from_text == 0 ? 0 : static_cast<double>(unknown) / static_cast<double>(from_text);
}

} // namespace chalkstream::text
