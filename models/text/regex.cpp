#include "models/text/regex.hpp"

#include <limits>

#include <unicode/uregex.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

namespace chalkstream::text {

namespace {

// A match of the patterns models use takes a few dozen steps a character; these end the ones that would take for
// ever.
constexpr std::size_t steps_a_unit = 10000; // in which ICU counts time
constexpr std::size_t steps_a_character = 100;
constexpr std::int32_t least_time = 1000;
constexpr std::int32_t stack_limit = 32 << 20; // bytes

struct closes {
  void operator()(URegularExpression* each) const { uregex_close(each); }
};
using handle = std::unique_ptr<URegularExpression, closes>;

void append_utf16(char32_t cp, std::u16string& out) {
  if (cp > 0xFFFF)
    out.push_back(U16_LEAD(cp));
  out.push_back(cp > 0xFFFF ? U16_TRAIL(cp) : static_cast<char16_t>(cp));
}

} // namespace

struct regex::compiled {
  handle original; // cloned for every use: a clone shares the program, not the place in a text
};

result<regex> regex::compile(std::string_view pattern) {
  CHALK_TRY(const std::string translated, icu_pattern(pattern));
  std::u16string units(translated.size(), u'\0');
  UErrorCode status = U_ZERO_ERROR;
  std::int32_t length = 0;
  u_strFromUTF8(units.data(), static_cast<std::int32_t>(units.size()), &length, translated.data(),
                static_cast<std::int32_t>(translated.size()), &status);
  handle made(uregex_open(units.data(), length, UREGEX_MULTILINE | UREGEX_UNIX_LINES, nullptr, &status));
  if (U_FAILURE(status))
    return {errc::corrupt, std::string("the pattern cannot be read: ") + u_errorName(status)};
  auto shared = std::make_shared<compiled>();
  shared->original = std::move(made);
  return regex(std::move(shared));
}

bool regex::find_all(std::span<const normalized_text::character> text, std::vector<text_span>& out) const {
  constexpr std::size_t kept = std::size_t{1} << 20; // of what one huge text made grow
  out.clear();
  thread_local std::u16string units;
  thread_local std::vector<std::size_t> character_at; // by unit
  units.clear();
  character_at.clear();
  for (std::size_t k = 0; k < text.size(); ++k) {
    append_utf16(text[k].cp, units);
    character_at.resize(units.size(), k);
  }
  character_at.push_back(text.size());
  if (units.size() > std::numeric_limits<std::int32_t>::max())
    return false;
  UErrorCode status = U_ZERO_ERROR;
  const handle search(uregex_clone(compiled_->original.get(), &status));
  const auto time = static_cast<std::int32_t>(units.size() / (steps_a_unit / steps_a_character)) + least_time;
  uregex_setTimeLimit(search.get(), time, &status); // a clone does not inherit the limits
  uregex_setStackLimit(search.get(), stack_limit, &status);
  uregex_setText(search.get(), units.data(), static_cast<std::int32_t>(units.size()), &status);
  while (uregex_findNext(search.get(), &status) != 0 && U_SUCCESS(status)) {
    const auto begin = static_cast<std::size_t>(uregex_start(search.get(), 0, &status));
    const auto end = static_cast<std::size_t>(uregex_end(search.get(), 0, &status));
    // An empty match right behind another one is none to the reference.
    if (begin != end || out.empty() || out.back().end != character_at[begin])
      out.push_back({character_at[begin], character_at[end]});
  }
  if (units.capacity() > kept) {
    units = {};
    character_at = {};
  }
  return U_SUCCESS(status);
}

} // namespace chalkstream::text
