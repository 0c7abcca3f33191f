#include "models/text/piece_layout.hpp"

#include <algorithm>

namespace chalkstream::text {

using piece_kind = sentencepiece_file::piece_kind;

std::string piece_layout::named(const char* role, const char* otherwise) const {
  const auto at = settings.named.find(role);
  return at == settings.named.end() ? otherwise : at->second.content;
}

result<void> piece_layout::place(const std::vector<std::string>& head, std::size_t skipped,
                                 const std::vector<std::string>& tail) {
  if (file.pieces.size() < skipped)
    return error{errc::corrupt, "the file has only " + std::to_string(file.pieces.size()) + " pieces"};
  const auto put = [&](const std::string& token) -> result<std::int32_t> {
    const auto id = static_cast<std::int32_t>(vocabulary.size());
    if (!known_.emplace(token, id).second)
      return {errc::corrupt, "the token " + token + " would be there twice"};
    vocabulary.push_back(token);
    return id;
  };
  for (const std::string& token : head)
    CHALK_CHECK(put(token));
  ids.resize(file.pieces.size());
  for (std::size_t piece = skipped; piece < file.pieces.size(); ++piece) {
    CHALK_TRY(ids[piece], put(file.pieces[piece].text));
  }
  for (const std::string& token : tail)
    CHALK_CHECK(put(token));
  for (std::size_t piece = 0; piece < skipped; ++piece) {
    const auto& its = file.pieces[piece];
    if (its.kind != piece_kind::control && its.kind != piece_kind::unknown)
      return error{errc::corrupt,
                   "piece " + std::to_string(piece) + ", " + its.text
                       + ", is one that texts have; this tokenizer keeps its place for a special token"};
    if (const auto same = known_.find(its.text); same != known_.end())
      ids[piece] = same->second;
  }
  CHALK_TRY(ids[file.unknown], id_of(named("unk_token", file.pieces[file.unknown].text.c_str()), "unk_token"));
  return {};
}

result<void> piece_layout::place_in(std::vector<std::string> tokens) {
  vocabulary = std::move(tokens);
  for (std::size_t id = 0; id < vocabulary.size(); ++id)
    known_.emplace(vocabulary[id], static_cast<std::int32_t>(id));
  CHALK_TRY(const std::int32_t unknown, id_of(named("unk_token", "<unk>"), "unk_token"));
  ids.assign(file.pieces.size(), unknown);
  for (std::size_t piece = 0; piece < file.pieces.size(); ++piece)
    if (const auto same = known_.find(file.pieces[piece].text); piece != file.unknown && same != known_.end())
      ids[piece] = same->second;
  return {};
}

result<std::int32_t> piece_layout::id_of(const std::string& content, const char* what_for) const {
  const auto at = known_.find(content);
  if (at == known_.end())
    return {errc::corrupt, std::string(what_for) + ": the vocabulary has no token " + content};
  return at->second;
}

std::int32_t piece_layout::add(const std::string& content, bool lstrip) {
  const auto [at, is_new] = known_.emplace(content, static_cast<std::int32_t>(vocabulary.size()));
  if (is_new)
    vocabulary.push_back(content);
  const auto same = [&](const added_token& each) { return each.content == content; };
  if (std::any_of(added.begin(), added.end(), same))
    return at->second;
  added_token token;
  token.content = content;
  token.special = true;
  bool is_named = false;
  for (const auto& [role, each] : settings.named)
    if (same(each)) {
      token = each;
      is_named = true;
    }
  token.lstrip |= lstrip;
  const auto said = std::find_if(settings.added.begin(), settings.added.end(), same);
  if (said != settings.added.end()) {
    token = *said;
    token.special |= is_named;
  }
  token.id = at->second;
  token.normalized = false; // looked for in the text as it came: a prepared text has a space before each stretch
  added.push_back(std::move(token));
  return at->second;
}

result<void> piece_layout::add_special(const std::vector<std::pair<const char*, const char*>>& named_otherwise) {
  std::vector<added_token> with_ids;
  for (const added_token& each : settings.added)
    if (each.id != tokenizer_settings::no_id)
      with_ids.push_back(each);
  std::sort(with_ids.begin(), with_ids.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  for (const added_token& each : with_ids)
    if (const std::int32_t id = add(each.content); id != each.id)
      return error{errc::corrupt,
                   each.content + " has id " + std::to_string(each.id) + ", but its place is " + std::to_string(id)};
  for (const auto& [role, otherwise] : named_otherwise)
    if (const std::string content = named(role, otherwise); !content.empty())
      add(content);
  for (const added_token& each : settings.added)
    if (each.id == tokenizer_settings::no_id)
      add(each.content);
  for (const auto& piece : file.pieces)
    if (piece.kind == piece_kind::control && known_.count(piece.text) != 0)
      add(piece.text);
  return {};
}

} // namespace chalkstream::text
