#include "models/text/unigram.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "models/text/byte_alphabet.hpp"
#include "models/text/utf8.hpp"

namespace chalkstream::text {

namespace {

using piece_kind = sentencepiece_file::piece_kind;

constexpr double unknown_penalty = 10;
constexpr double user_defined_bonus = 0.1; // for every byte behind the first
constexpr std::int32_t no_way = -2;        // -1 is a tokenizer's unknown that has no id

/// A sum of floats as a float; added up in double and rounded once it is the same.
double rounded(double sum) {
  return static_cast<double>(static_cast<float>(sum));
}

} // namespace

result<void> unigram::index(const std::vector<std::pair<std::string_view, std::int32_t>>& pieces) {
  std::unordered_map<std::string_view, std::int32_t> last; // a piece that is there twice has its last id
  for (const auto& [piece, id] : pieces)
    if (!piece.empty())
      last[piece] = id;
  std::vector<byte_trie::entry> entries;
  entries.reserve(last.size());
  for (const auto& [piece, id] : last)
    entries.push_back({piece, id});
  CHALK_TRY(trie_, byte_trie::build(std::move(entries)));
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const auto at = last.find(byte_token(static_cast<unsigned char>(byte)));
    byte_ids_[byte] = at == last.end() ? -1 : at->second;
  }
  return {};
}

result<unigram> unigram::build(const unigram_description& description) {
  const std::vector<std::string>& vocabulary = description.vocabulary;
  if (vocabulary.empty() || (description.unknown_id && *description.unknown_id >= vocabulary.size()))
    return {errc::corrupt, "Unigram: unk_id is outside the vocabulary"};
  if (description.scores.size() != vocabulary.size())
    return {errc::corrupt, "Unigram: a score is missing"};
  unigram model;
  model.scores_ = description.scores;
  if (description.unknown_id)
    model.unknown_id_ = static_cast<std::int32_t>(*description.unknown_id);
  model.byte_fallback_ = description.byte_fallback;
  model.unknown_score_ = *std::min_element(model.scores_.begin(), model.scores_.end()) - unknown_penalty;
  std::vector<std::pair<std::string_view, std::int32_t>> pieces;
  pieces.reserve(vocabulary.size());
  for (std::size_t id = 0; id < vocabulary.size(); ++id)
    pieces.emplace_back(vocabulary[id], static_cast<std::int32_t>(id));
  CHALK_CHECK(model.index(pieces));
  return model;
}

result<unigram> unigram::build(const sentencepiece_file& file) {
  const auto& all = file.pieces;
  unigram model;
  model.is_sentencepiece_ = true;
  model.unknown_id_ = static_cast<std::int32_t>(file.unknown);
  float lowest = std::numeric_limits<float>::max();
  for (const auto& piece : all)
    if (piece.kind == piece_kind::normal)
      lowest = std::min(lowest, piece.score);
  model.unknown_score_ = static_cast<double>(lowest - static_cast<float>(unknown_penalty));
  model.scores_.resize(all.size());
  std::vector<std::pair<std::string_view, std::int32_t>> found;
  for (std::size_t id = 0; id < all.size(); ++id) {
    const bool whole = all[id].kind == piece_kind::user_defined;
    if (!whole && all[id].kind != piece_kind::normal)
      continue;
    found.emplace_back(all[id].text, static_cast<std::int32_t>(id));
    model.scores_[id] = whole ? user_defined_bonus * static_cast<double>(all[id].text.size() - 1)
                              : static_cast<double>(all[id].score);
  }
  CHALK_CHECK(model.index(found));
  return model;
}

template <bool IsSentencePiece>
bool unigram::search(std::string_view word, scratch& work) const {
  work.best.assign(word.size() + 1, {0, no_way, 0});
  for (std::size_t begin = 0, size = 0; begin < word.size(); begin += size) {
    size = utf8_length(static_cast<unsigned char>(word[begin]));
    const double until_here = work.best[begin].score;
    const auto offer = [&](std::size_t end, double score, std::int32_t id) {
      scratch::node& node = work.best[end];
      if (IsSentencePiece)
        score = rounded(score);
      if (node.id == no_way || score > node.score)
        node = {score, id, static_cast<std::uint32_t>(begin)};
    };
    bool alone = false; // the character is a piece of its own
    byte_trie::state at = byte_trie::root;
    for (std::size_t end = begin; end < word.size() && trie_.step(at, static_cast<unsigned char>(word[end])); ++end)
      if (const std::int32_t id = trie_.value(at); id >= 0) {
        offer(end + 1, scores_[static_cast<std::size_t>(id)] + until_here, id);
        alone |= end + 1 - begin == size;
      }
    if (alone)
      continue;
    offer(begin + size, unknown_score_ + until_here, unknown_id_);
    if (unknown_id_ < 0 && work.best[begin + size].id < 0)
      return false;
  }
  return true;
}

bool unigram::split(std::string_view word, std::vector<token_piece>& out, scratch& work) const {
  out.clear();
  if (!(is_sentencepiece_ ? search<true>(word, work) : search<false>(word, work)))
    return false;

  // Backwards along the best way; what falls back to bytes is therefore written in reverse, too.
  for (std::size_t end = word.size(); end > 0;) {
    std::size_t begin = work.best[end].begin;
    if (const std::int32_t id = work.best[end].id; id != unknown_id_ || is_sentencepiece_) {
      out.push_back({id, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
    } else {
      while (begin > 0 && work.best[begin].id == unknown_id_)
        begin = work.best[begin].begin;
      append_unknown(word.substr(begin, end - begin), static_cast<std::uint32_t>(begin), out);
    }
    end = begin;
  }
  std::reverse(out.begin(), out.end());
  return true;
}

void unigram::append_unknown(std::string_view run, std::uint32_t begin, std::vector<token_piece>& out) const {
  const auto end = static_cast<std::uint32_t>(begin + run.size());
  const auto found = trie_.find(run);
  const std::int32_t id = found ? trie_.value(*found) : -1; // a run may read like a piece of low score
  const auto byte_id = [&](char byte) { return byte_ids_[static_cast<unsigned char>(byte)]; };
  if (id >= 0 || !byte_fallback_
      || std::any_of(run.begin(), run.end(), [&](char byte) { return byte_id(byte) < 0; })) {
    out.push_back({id >= 0 ? id : unknown_id_, begin, end});
    return;
  }
  for (auto byte = run.rbegin(); byte != run.rend(); ++byte)
    out.push_back({byte_id(*byte), begin, end});
}

} // namespace chalkstream::text
