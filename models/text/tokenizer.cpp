#include "models/text/tokenizer.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "models/text/text_encoder.hpp"
#include "models/text/tokenizer_json.hpp"
#include "models/text/truncation.hpp"
#include "models/text/utf8.hpp"

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

/// Appends one text's first `kept` tokens.
void append(encoding& out, const token_sink& tokens, std::size_t kept, std::int32_t type, bool offsets) {
  const auto count = static_cast<std::ptrdiff_t>(kept);
  out.ids.insert(out.ids.end(), tokens.ids.begin(), tokens.ids.begin() + count);
  out.types.insert(out.types.end(), kept, type);
  if (offsets)
    out.offsets.insert(out.offsets.end(), tokens.offsets.begin(), tokens.offsets.begin() + count);
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
};

tokenizer::tokenizer(std::unique_ptr<const parts> made) : parts_(std::move(made)) {}
tokenizer::~tokenizer() = default;

result<std::shared_ptr<const tokenizer>> tokenizer::load(const std::filesystem::path& model_directory) {
  auto made = std::make_unique<parts>();
  CHALK_TRY(const std::string json, read_file(model_directory / "tokenizer.json", max_file_bytes));
  CHALK_TRY(tokenizer_description description, read_tokenizer_json(json));
  auto configuration = read_file(model_directory / "tokenizer_config.json", max_file_bytes);
  if (configuration) {
    CHALK_TRY(made->max_length, read_max_length(configuration.value()));
  } else if (configuration.error().code != errc::not_found) {
    return configuration.error();
  }

  auto model = wordpiece::build(std::move(description.model));
  if (!model)
    return {model.error().code, "tokenizer.json: " + model.error().message};
  made->vocabulary_size = model->vocabulary_size();
  for (const added_token& token : description.added) {
    made->vocabulary_size = std::max(made->vocabulary_size, static_cast<std::size_t>(token.id) + 1);
    if (token.special && token.id != model->unknown_id())
      made->special.push_back(token.id);
  }
  made->post = std::move(description.post);
  for (const auto* pieces : {&made->post.single, &made->post.pair})
    for (const template_piece& piece : *pieces)
      made->special.insert(made->special.end(), piece.ids.begin(), piece.ids.end());
  std::sort(made->special.begin(), made->special.end());
  made->added_single = post_processor::added(made->post.single);
  made->added_pair = post_processor::added(made->post.pair);

  auto encoder = text_encoder::build(normalizer(std::move(description.normalizer)),
                                     pre_tokenizer(std::move(description.pre_tokenizer)), std::move(model).value(),
                                     std::move(description.added));
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
  thread_local token_sink first_tokens, second_tokens;
  first_tokens.reset(options.offsets, cut == truncation::only_second ? token_sink::unlimited : limit);
  parts_->encoder->encode(first, first_tokens);
  second_tokens.reset(options.offsets, cut == truncation::only_first ? token_sink::unlimited : limit);
  if (second != nullptr)
    parts_->encoder->encode(*second, second_tokens);
  CHALK_TRY(const kept_tokens kept,
            truncate(first_tokens.ids.size(), second_tokens.ids.size(), second != nullptr, cut, room));

  encoding out;
  out.truncated = kept.first < first_tokens.ids.size() || kept.second < second_tokens.ids.size();
  const std::vector<template_piece>& pieces = second != nullptr ? parts_->post.pair : parts_->post.single;
  const std::size_t total = kept.first + kept.second + added;
  out.ids.reserve(total);
  out.types.reserve(total);
  out.offsets.reserve(options.offsets ? total : 0);
  for (const template_piece& piece : pieces) {
    if (piece.what == template_piece::kind::first) {
      append(out, first_tokens, kept.first, piece.type, options.offsets);
    } else if (piece.what == template_piece::kind::second) {
      out.second = {out.ids.size(), out.ids.size() + kept.second};
      append(out, second_tokens, kept.second, piece.type, options.offsets);
    } else if (options.special_tokens) {
      out.ids.insert(out.ids.end(), piece.ids.begin(), piece.ids.end());
      out.types.insert(out.types.end(), piece.ids.size(), piece.type);
      if (options.offsets)
        out.offsets.insert(out.offsets.end(), piece.ids.size(), {0, 0});
    }
  }
  return out;
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
