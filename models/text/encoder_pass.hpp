// The single pass of text_encoder: bytes in, tokens out, one word buffered at a time.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "models/text/text_encoder.hpp"
#include "models/text/utf8.hpp"

namespace chalkstream::text {

/// Working memory of one thread.
struct text_encoder::scratch {
  // the single pass
  std::vector<char> letters = std::vector<char>(1024);
  std::vector<std::uint32_t> sources = std::vector<std::uint32_t>(1024); // by byte of `letters`: its code point
  // both
  std::vector<token_piece> pieces;
  // the full rules
  normalized_text normal;
  normalizer::scratch normalizing;
  std::string normal_bytes;
  std::vector<std::size_t> character_at;
  normalized_text section; // of `normal`, when the pre-tokenizer rewrites it
  std::vector<pre_tokenizer::word> words;
  pre_tokenizer::scratch cutting;
  token_model::scratch modelling;
  std::string word;
  std::vector<std::size_t> at;
  // added tokens
  std::vector<added_tokens::stretch> raw, inner;

  /// Gives back what one huge text made grow.
  struct trimmed {
    scratch& of;
    ~trimmed() {
      constexpr std::size_t keep = std::size_t{1} << 20;
      if (of.letters.size() + of.normal.characters.capacity() + of.pieces.capacity() + of.raw.capacity()
              + of.cutting.characters.capacity() + of.word.capacity()
          > keep)
        of = scratch();
    }
  };
};

class text_encoder::pass {
public:
  pass(const text_encoder& encoder, std::string_view text, std::uint32_t first, token_sink& sink, scratch& work)
      : encoder_(encoder), model_(*encoder.model_.as_wordpiece()), text_(text.data()),
        end_(text.data() + text.size()), first_(first), sink_(sink), work_(work) {
    fresh_start(text_);
  }

  /// True when the sink needs no more.
  bool run() {
    const auto& rules = encoder_.bytes_;
    const char* at = text_;
    while (at < end_) {
      const byte_rule rule = rules[static_cast<unsigned char>(*at)];
      bool last = false;
      if (rule.does == character_table::depends)
        last = take_character(at);
      else if (rule.does == character_table::vanishes)
        skip(at);
      else if (size_ != 0 && rule.does != run_)
        last = flush() && stop(at);
      else if (rule.does <= character_table::last_run)
        take_run(at, rule.does);
      else if (rule.does == character_table::separates)
        separate(at);
      else
        last = take_isolated(at, rule) && stop(at);
      if (last)
        return true;
    }
    return flush() && stop(at);
  }

private:
  static constexpr std::uint8_t no_run = 0xFF;

  /// Whitespace that no normalizer joins with its neighbours and every pre-tokenizer drops.
  static bool is_barrier(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

  std::uint32_t index(const char* at) const {
    return first_ + static_cast<std::uint32_t>(static_cast<std::size_t>(at - text_) - continuations_);
  }

  void fresh_start(const char* at) {
    start_ = at;
    start_continuations_ = continuations_;
    start_size_ = sink_.ids.size();
  }

  void begin_word(const char* at, std::uint8_t run) {
    run_ = run;
    begin_ = index(at);
    tracked_ = false;
  }

  void make_room(std::size_t more) {
    if (size_ + more + character_table::copy_reads > work_.letters.size()) {
      work_.letters.resize(2 * (size_ + more + character_table::copy_reads));
      work_.sources.resize(work_.letters.size());
    }
  }

  /// From here on the word's bytes and its code points no longer go hand in hand.
  void track_sources() {
    if (tracked_ || !sink_.wants_offsets())
      return;
    tracked_ = true;
    for (std::size_t k = 0; k < size_; ++k)
      work_.sources[k] = begin_ + static_cast<std::uint32_t>(k);
  }

  void separate(const char*& at) {
    ++at;
    if (is_barrier(at[-1]))
      fresh_start(at);
  }

  void skip(const char*& at) {
    if (size_ != 0)
      track_sources();
    ++at;
  }

  bool take_isolated(const char*& at, byte_rule rule) {
    begin_word(at, rule.does);
    work_.letters[size_++] = rule.to;
    ++at;
    return flush();
  }

  /// Takes the ASCII characters of one run.
  void take_run(const char*& at, std::uint8_t run) {
    if (size_ == 0)
      begin_word(at, run);
    const auto& rules = encoder_.bytes_;
    for (bool more = true; more;) {
      make_room(1);
      const std::size_t room = work_.letters.size() - size_ - character_table::copy_reads;
      const char* const from = at;
      const char* const last = at + std::min<std::size_t>(room, static_cast<std::size_t>(end_ - at));
      char* to = work_.letters.data() + size_;
      for (; at < last; ++at) {
        const byte_rule rule = rules[static_cast<unsigned char>(*at)];
        if (rule.does != run)
          break;
        *to++ = rule.to;
      }
      const auto taken = static_cast<std::size_t>(at - from);
      if (tracked_)
        for (std::size_t k = 0; k < taken; ++k)
          work_.sources[size_ + k] = index(from) + static_cast<std::uint32_t>(k);
      size_ += taken;
      more = at == last && at < end_;
    }
  }

  void append(const char* bytes, std::size_t size, std::uint32_t source) {
    make_room(size);
    if (size <= 8)
      std::memcpy(work_.letters.data() + size_, bytes, 8);
    else
      std::memcpy(work_.letters.data() + size_, bytes, size);
    if (tracked_)
      std::fill_n(work_.sources.data() + size_, size, source);
    size_ += size;
  }

  /// Takes one character by the table, or ends the word before it. True: the sink needs no more.
  bool take_character(const char*& at) {
    const char* behind = at;
    const char32_t cp = decode_utf8(behind);
    const character_table::block& block = encoder_.table_->of(cp);
    const character_table::entry& its = block.entries[cp & 0xFF];
    if (its.does == character_table::depends)
      return by_rules(at);
    const bool vanishes = its.does == character_table::vanishes;
    if (!vanishes && size_ != 0 && its.does != run_)
      return flush() && stop(at);

    const char* const here = std::exchange(at, behind);
    if (vanishes) {
      if (size_ != 0)
        track_sources();
    } else if (its.does != character_table::separates) {
      if (size_ == 0)
        begin_word(here, its.does);
      track_sources();
      append(block.bytes.data() + its.offset, its.size, index(here));
    }
    continuations_ += static_cast<std::size_t>(behind - here) - 1;
    return its.does == character_table::isolated && flush() && stop(at);
  }

  /// The tokens of the buffered word, if there is one. True: the sink needs no more.
  bool flush() {
    if (size_ == 0)
      return false;
    const char* const letters = work_.letters.data();
    const std::int32_t id = model_.find(letters, size_);
    if (id >= 0) {
      emit(id, 0, size_);
    } else {
      model_.split({letters, size_}, work_.pieces);
      for (const token_piece& piece : work_.pieces)
        emit(piece.id, piece.begin, piece.end);
    }
    size_ = 0;
    run_ = no_run;
    return sink_.is_full();
  }

  void emit(std::int32_t id, std::size_t begin, std::size_t end) {
    if (tracked_)
      sink_.add(id, work_.sources[begin], work_.sources[end - 1] + 1);
    else
      sink_.add(id, begin_ + static_cast<std::uint32_t>(begin), begin_ + static_cast<std::uint32_t>(end));
  }

  /// The sink is full at `at`. Final, unless a character further on may change the words since the last barrier:
  /// then these are made again and `at` moves on.
  bool stop(const char*& at) {
    for (const char* ahead = at; ahead < end_ && !is_barrier(*ahead);) {
      const char32_t cp = decode_utf8(ahead);
      if (encoder_.table_->of(cp).entries[cp & 0xFF].does == character_table::depends)
        return by_rules(at);
    }
    return true;
  }

  /// Does what lies between two barriers again, by the full rules; `at` (inside) moves to the second barrier.
  bool by_rules(const char*& at) {
    while (at < end_ && !is_barrier(*at))
      ++at;
    sink_.back_to(start_size_);
    continuations_ = start_continuations_;
    size_ = 0;
    run_ = no_run;
    const std::string_view stretch(start_, static_cast<std::size_t>(at - start_));
    const bool last = encoder_.encode_by_rules(stretch, index(start_), sink_, work_);
    continuations_ += stretch.size() - count_code_points(stretch);
    return last;
  }

  const text_encoder& encoder_;
  const wordpiece& model_;
  const char* const text_;
  const char* const end_;
  const std::uint32_t first_;
  token_sink& sink_;
  scratch& work_;

  std::size_t continuations_ = 0; // bytes so far that begin no code point

  // the buffered word
  std::size_t size_ = 0;
  std::uint8_t run_ = no_run;
  std::uint32_t begin_ = 0; // its first code point
  bool tracked_ = false;    // `sources` is kept

  // behind the last barrier
  const char* start_ = nullptr;
  std::size_t start_continuations_ = 0;
  std::size_t start_size_ = 0; // of the sink
};

} // namespace chalkstream::text
