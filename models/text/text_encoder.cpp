#include "models/text/text_encoder.hpp"

#include <algorithm>

#include "models/text/encoder_pass.hpp"
#include "models/text/utf8.hpp"

namespace chalkstream::text {

text_encoder::text_encoder(encoder_parts parts)
    : normalize_(std::move(parts.normalize)), cut_(std::move(parts.cut)), model_(std::move(parts.model)),
      trims_(std::move(parts.trims)), edges_(std::move(parts.edges)) {}

result<std::unique_ptr<const text_encoder>> text_encoder::build(encoder_parts parts) {
  CHALK_TRY(added_tokens tokens, added_tokens::build(std::move(parts.added), parts.normalize));
  std::unique_ptr<text_encoder> made(new text_encoder(std::move(parts)));
  made->added_ = std::make_unique<const added_tokens>(std::move(tokens));

  // The single pass needs places where everything starts anew (whitespace), and no look at the normalized text.
  if (made->model_.as_wordpiece() != nullptr && made->normalize_.is_local() && made->cut_.is_local()
      && made->cut_.drops_whitespace() && made->trims_.empty() && !made->added_->any_normalized()) {
    made->table_ = std::make_unique<const character_table>(made->normalize_, made->cut_);
    made->bytes_.fill({0, character_table::depends});
    const character_table::block& ascii = made->table_->of(0);
    for (std::size_t byte = 0; byte < 0x80; ++byte) {
      const character_table::entry& its = ascii.entries[byte];
      if (its.size <= 1)
        made->bytes_[byte] = {its.size == 1 ? ascii.bytes[its.offset] : '\0', its.does};
    }
  }
  return std::unique_ptr<const text_encoder>(std::move(made));
}

void text_encoder::encode(std::string_view text, token_sink& sink) const {
  thread_local scratch work;
  const scratch::trimmed afterwards{work};
  if (!added_->any_raw()) {
    encode_stretch(text, 0, sink, work);
    return;
  }
  added_->cut_raw(text, work.raw);
  std::uint32_t index = 0; // of the code point at `at`
  std::size_t at = 0;
  for (const added_tokens::stretch& each : work.raw) {
    if (each.begin < at) // a token overlaps the whitespace another one took
      at = index = 0;
    index += static_cast<std::uint32_t>(count_code_points(text.substr(at, each.begin - at)));
    const std::string_view part = text.substr(each.begin, each.end - each.begin);
    at = each.begin;
    if (each.id < 0) {
      if (encode_stretch(part, index, sink, work))
        return;
      continue;
    }
    add_token(each.id, part, {index, index + static_cast<std::uint32_t>(count_code_points(part))}, sink);
    if (sink.is_full())
      return;
  }
}

bool text_encoder::encode_stretch(std::string_view text, std::uint32_t first, token_sink& sink, scratch& work) const {
  if (!table_)
    return encode_by_rules(text, first, sink, work);
  return pass(*this, text, first, sink, work).run();
}

bool text_encoder::encode_by_rules(std::string_view text, std::uint32_t first, token_sink& sink,
                                   scratch& work) const {
  normalized_text& normal = work.normal;
  normal.assign(text, first);
  if (!normalize_.apply(normal, work.normalizing)) {
    sink.fail(token_sink::failure::expression_gave_up);
    return true;
  }
  if (!added_->any_normalized())
    return encode_words(0, normal.characters.size(), sink, work);

  work.normal_bytes.clear();
  work.character_at.clear();
  for (std::size_t k = 0; k < normal.characters.size(); ++k) {
    char bytes[4];
    const std::size_t size = encode_utf8(normal.characters[k].cp, bytes);
    work.normal_bytes.append(bytes, size);
    work.character_at.insert(work.character_at.end(), size, k);
  }
  work.character_at.push_back(normal.characters.size());
  added_->cut_normalized(work.normal_bytes, work.inner);
  for (const added_tokens::stretch& each : work.inner) {
    const std::size_t begin = work.character_at[each.begin];
    const std::size_t end = work.character_at[each.end];
    if (each.id < 0) {
      if (encode_words(begin, end, sink, work))
        return true;
      continue;
    }
    const auto spelled = std::string_view(work.normal_bytes).substr(each.begin, each.end - each.begin);
    add_token(each.id, spelled, {normal.characters[begin].begin, normal.characters[end - 1].end}, sink);
    if (sink.is_full())
      return true;
  }
  return false;
}

bool text_encoder::encode_words(std::size_t begin, std::size_t end, token_sink& sink, scratch& work) const {
  if (begin == end)
    return false;
  normalized_text& text = cut_.rewrites() ? work.section : work.normal;
  work.words.assign(1, {begin, end});
  if (cut_.rewrites()) {
    const auto from = work.normal.characters.begin();
    text.characters.assign(from + static_cast<std::ptrdiff_t>(begin), from + static_cast<std::ptrdiff_t>(end));
    work.words[0] = {0, end - begin};
  }
  if (!cut_.apply(text, work.words, work.cutting)) {
    sink.fail(token_sink::failure::expression_gave_up);
    return true;
  }
  const std::span<const normalized_text::character> all(text.characters);
  return std::any_of(work.words.begin(), work.words.end(), [&](const pre_tokenizer::word& word) {
    return encode_word(all.subspan(word.begin, word.end - word.begin), sink, work);
  });
}

bool text_encoder::encode_word(std::span<const normalized_text::character> word, token_sink& sink,
                               scratch& work) const {
  work.word.clear();
  for (const normalized_text::character& each : word) {
    char bytes[4];
    work.word.append(bytes, encode_utf8(each.cp, bytes));
  }
  if (!model_.split(work.word, work.pieces, work.modelling)) {
    sink.fail(token_sink::failure::no_token);
    return true;
  }
  if (work.pieces.size() == 1 && work.pieces[0].begin == 0 && work.pieces[0].end == work.word.size()) {
    add_piece(work.pieces[0].id, work.word, {word.front().begin, word.back().end}, sink);
    return sink.is_full();
  }
  work.at.clear(); // by byte: its character
  for (std::size_t k = 0, byte = 0; k < word.size(); ++k) {
    byte += utf8_length(static_cast<unsigned char>(work.word[byte]));
    work.at.resize(byte, k);
  }
  for (const token_piece& piece : work.pieces) {
    const std::uint32_t begin = word[work.at[piece.begin]].begin;
    const std::uint32_t end = piece.begin == piece.end ? begin : word[work.at[piece.end - 1]].end;
    add_piece(piece.id, std::string_view(work.word).substr(piece.begin, piece.end - piece.begin), {begin, end}, sink);
  }
  return sink.is_full();
}

/// A token of the model: it reads as the vocabulary says, or as the text does.
void text_encoder::add_piece(std::int32_t id, std::string_view spelled,
                             std::pair<std::uint32_t, std::uint32_t> offsets, token_sink& sink) const {
  if (!trims_.empty() && sink.wants_offsets()) {
    const bool as_text = id == model_.unknown_id() && model_.spells_unknown();
    const token_edges edges = as_text ? edges_of(spelled) : edges_[static_cast<std::size_t>(id)];
    offsets = trimmed(offsets, edges, sink.ids.empty(), trims_);
  }
  sink.add(id, offsets.first, offsets.second);
}

void text_encoder::add_token(std::int32_t id, std::string_view spelled,
                             std::pair<std::uint32_t, std::uint32_t> offsets, token_sink& sink) const {
  if (!trims_.empty() && sink.wants_offsets())
    offsets = trimmed(offsets, edges_of(spelled), sink.ids.empty(), trims_);
  sink.add(id, offsets.first, offsets.second);
}

} // namespace chalkstream::text
