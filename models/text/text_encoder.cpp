#include "models/text/text_encoder.hpp"

#include "models/text/encoder_pass.hpp"
#include "models/text/utf8.hpp"

namespace chalkstream::text {

result<std::unique_ptr<const text_encoder>> text_encoder::build(normalizer normalize, pre_tokenizer cut,
                                                                wordpiece model, std::vector<added_token> added) {
  CHALK_TRY(added_tokens tokens, added_tokens::build(std::move(added), normalize));
  std::unique_ptr<text_encoder> made(new text_encoder(std::move(normalize), std::move(cut), std::move(model)));
  made->added_ = std::make_unique<const added_tokens>(std::move(tokens));

  // The single pass needs places where everything starts anew (whitespace), and no look at the normalized text.
  if (made->cut_.is_local() && made->cut_.drops_whitespace() && !made->added_->any_normalized()) {
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
    sink.add(each.id, index, index + static_cast<std::uint32_t>(count_code_points(part)));
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
  normalize_.apply(normal, work.normalizing);
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
    sink.add(each.id, normal.characters[begin].begin, normal.characters[end - 1].end);
    if (sink.is_full())
      return true;
  }
  return false;
}

bool text_encoder::encode_words(std::size_t begin, std::size_t end, token_sink& sink, scratch& work) const {
  work.words.clear();
  if (begin < end)
    work.words.push_back({begin, end});
  cut_.apply(work.normal, work.words, work.cutting);
  for (const pre_tokenizer::word& word : work.words) {
    if (encode_word(word.begin, word.end, sink, work))
      return true;
  }
  return false;
}

bool text_encoder::encode_word(std::size_t begin, std::size_t end, token_sink& sink, scratch& work) const {
  const auto& characters = work.normal.characters;
  work.word.clear();
  work.at.clear();
  for (std::size_t k = begin; k < end; ++k) {
    char bytes[4];
    const std::size_t size = encode_utf8(characters[k].cp, bytes);
    work.word.append(bytes, size);
    work.at.insert(work.at.end(), size, k);
  }
  model_.split(work.word, work.pieces);
  for (const wordpiece::piece& piece : work.pieces)
    sink.add(piece.id, characters[work.at[piece.begin]].begin, characters[work.at[piece.end - 1]].end);
  return sink.is_full();
}

} // namespace chalkstream::text
