#include "models/text/character_table.hpp"

#include <algorithm>
#include <span>

#include "models/text/unicode.hpp"
#include "models/text/utf8.hpp"

namespace chalkstream::text {

namespace {

using action = character_table::action;

/// What the characters of one code point's normal form do together.
action together(std::span<const pre_tokenizer::role> roles) {
  if (roles.empty())
    return action::vanishes;
  const pre_tokenizer::role& first = roles.front();
  if (roles.size() == 1 && (first.dropped || first.isolated))
    return first.dropped ? action::separates : action::isolated;
  const bool one_run = std::all_of(roles.begin(), roles.end(), [&](const pre_tokenizer::role& each) {
    return !each.dropped && !each.isolated && each.run == first.run;
  });
  return one_run ? static_cast<action>(action::first_run + first.run) : action::depends;
}

} // namespace

character_table::~character_table() {
  for (auto& each : blocks_)
    delete each.load(std::memory_order_relaxed);
}

const character_table::block& character_table::make(char32_t number) const {
  auto made = std::make_unique<block>();
  normalized_text text;
  normalizer::scratch work;
  for (char32_t low = 0; low < 256; ++low)
    made->entries[low] = describe(number << 8 | low, text, work, made->bytes);
  made->bytes.resize(made->bytes.size() + copy_reads);
  const block* expected = nullptr;
  if (blocks_[number].compare_exchange_strong(expected, made.get(), std::memory_order_acq_rel))
    return *made.release();
  return *expected; // another thread was first; its block says the same
}

character_table::entry character_table::describe(char32_t cp, normalized_text& text, normalizer::scratch& work,
                                                 std::vector<char>& bytes) const {
  entry made{static_cast<std::uint16_t>(bytes.size()), 0, action::depends};
  const bool surrogate = cp >= 0xD800 && cp < 0xE000; // not in valid UTF-8
  if (surrogate || (cp >= 0x80 && normalize_.composes()))
    return made;
  text.characters.assign(1, {cp, 0, 1});
  if (!normalize_.apply(text, work)) // only regular expressions fail, and they are not local
    return made;

  // A mark that survives may change places with the marks around it.
  const auto marks = [](const normalized_text::character& each) { return unicode::combining_class(each.cp) != 0; };
  if (normalize_.decomposes() && std::any_of(text.characters.begin(), text.characters.end(), marks))
    return made;

  std::vector<pre_tokenizer::role> roles;
  for (const normalized_text::character& each : text.characters)
    roles.push_back(cut_.of(each.cp));
  std::span<const normalized_text::character> kept(text.characters);
  std::span<const pre_tokenizer::role> said(roles);
  const bool spaced = said.size() > 2 && said.front().dropped && said.back().dropped; // as Chinese characters are
  if (spaced) {
    kept = kept.subspan(1, kept.size() - 2);
    said = said.subspan(1, said.size() - 2);
  }
  made.does = together(said);
  if (spaced && made.does <= action::last_run)
    made.does = action::isolated;
  else if (spaced && made.does != action::isolated)
    made.does = action::depends;
  if (made.does == action::depends)
    return made;

  for (const normalized_text::character& each : kept) {
    char encoded[4];
    const std::size_t size = encode_utf8(each.cp, encoded);
    bytes.insert(bytes.end(), encoded, encoded + size);
    made.size = static_cast<std::uint8_t>(made.size + size);
  }
  return made;
}

} // namespace chalkstream::text
