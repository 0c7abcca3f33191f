#include "education/sentences.hpp"

#include "education/abbreviations.hpp"
#include "education/characters.hpp"
#include "education/language_tag.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>
#include <utility>

namespace chalkstream::education {

namespace {

struct close_text {
  void operator()(UText* text) const noexcept { utext_close(text); }
};

/// At most `bytes`, whole code points.
std::string_view beginning(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes)
    return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80)
    --bytes;
  return text.substr(0, bytes);
}

bool is_list_number(std::string_view text) {
  return text.size() >= 2 && text.size() <= 4 && text.back() == '.'
         && std::all_of(text.begin(), text.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
}

bool breaks_line(std::string_view text, std::size_t at, char32_t c) {
  const bool with_line_feed = c == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
  return c == '\n' || (c == '\r' && !with_line_feed) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/// What lies at a possible boundary.
struct gap {
  std::string_view before;     // up to the last character that is not white space
  std::size_t line_breaks = 0; // in the white space; beyond two nobody counts, or blank lines would cost their square
  std::string_view after;      // from the first character that is not white space
};

gap gap_at(std::string_view text, std::size_t begin, std::size_t boundary) {
  gap g;
  std::size_t end = boundary;
  while (end > begin && static_cast<unsigned char>(text[end - 1]) <= ' ') {
    --end;
    g.line_breaks += breaks_line(text, end, static_cast<unsigned char>(text[end]));
  }
  std::size_t next = boundary;
  for (std::size_t i = boundary; i < text.size() && g.line_breaks < 2; next = i) {
    const auto c = next_code_point(text, i);
    if (!is_space(c) && !is_invisible(c))
      break;
    g.line_breaks += breaks_line(text, next, c);
  }
  g.before = text.substr(begin, end - begin);
  g.after = text.substr(next);
  return g;
}

bool begins_lower(std::string_view text) {
  std::size_t i = 0;
  return !text.empty() && u_islower(static_cast<UChar32>(next_code_point(text, i)));
}

class splitter {
public:
  splitter(std::string_view text, std::string_view lang, const sentence_limits& limits)
      : text_(beginning(text, std::min<std::size_t>(limits.bytes, INT32_MAX))), language_(primary_subtag(lang)),
        limits_(limits) {
    out_.whole = text_.size() == text.size();
  }

  split_text run() {
    UErrorCode failed = U_ZERO_ERROR;
    const std::unique_ptr<UText, close_text> characters{
        utext_openUTF8(nullptr, text_.data(), static_cast<std::int64_t>(text_.size()), &failed)};
    const std::unique_ptr<icu::BreakIterator> breaks{
        icu::BreakIterator::createSentenceInstance(language_.c_str(), failed)};
    if (U_SUCCESS(failed))
      breaks->setText(characters.get(), failed);
    std::size_t begin = 0;
    if (U_SUCCESS(failed)) {
      breaks->first();
      for (auto at = breaks->next(); at != icu::BreakIterator::DONE && !full_; at = breaks->next())
        if (const auto boundary = static_cast<std::size_t>(at); ends_at(begin, boundary)) {
          take(begin, boundary);
          begin = boundary;
        }
    }
    if (!full_)
      take(begin, text_.size()); // all of it if ICU's data is missing: the length limit still splits it
    return std::move(out_);
  }

private:
  bool ends_at(std::size_t begin, std::size_t boundary) const {
    const auto here = gap_at(text_, begin, boundary);
    if (here.after.empty() || here.line_breaks > 1)
      return true;
    if (here.line_breaks == 1 && !ends_like_a_sentence(here.before))
      return !begins_lower(here.after);
    return !is_list_number(here.before) && !goes_on(here.before, here.after, language_);
  }

  /// Adds the sentence in [begin, end), in pieces if it is long.
  void take(std::size_t begin, std::size_t end) {
    sentence_span piece, cut; // cut: the piece as it was at the last white space
    bool open = false, words = false;
    for (auto i = begin; i < end && !full_;) {
      const auto at = i;
      const auto c = next_code_point(text_, i);
      ++points_;
      if (is_space(c) || is_invisible(c)) {
        cut = piece;
        continue;
      }
      if (!std::exchange(open, true)) {
        piece.begin = at;
        piece.start = points_ - 1;
        cut = {};
      }
      piece.end = i;
      piece.stop = points_;
      words = words || u_isalnum(static_cast<UChar32>(c));
      if (piece.stop - piece.start < limits_.code_points)
        continue;
      if (cut.stop >= piece.start + limits_.code_points / 2) {
        piece = cut;
        i = cut.end;
        points_ = cut.stop;
      }
      add(piece, words);
      open = words = false;
    }
    if (open)
      add(piece, words);
  }

  void add(const sentence_span& found, bool words) {
    if (!words)
      return;
    if (out_.sentences.size() < limits_.sentences) {
      out_.sentences.push_back(found);
    } else {
      full_ = true;
      out_.whole = false;
    }
  }

  std::string_view text_;
  std::string language_;
  const sentence_limits& limits_;
  split_text out_;
  std::size_t points_ = 0; // code points before where take() is
  bool full_ = false;
};

} // namespace

bool ends_like_a_sentence(std::string_view text) noexcept {
  constexpr std::string_view marks = ".!?:;\"')]}";
  constexpr std::string_view others[] = {"。", "！", "？", "…", "”", "’", "」", "』", "）", "।", "؟", "۔"};
  return !text.empty()
         && (marks.find(text.back()) != std::string_view::npos
             || std::any_of(std::begin(others), std::end(others), [&](auto mark) { return text.ends_with(mark); }));
}

split_text split_sentences(std::string_view text, std::string_view lang, const sentence_limits& limits) {
  return splitter{text, lang, limits}.run();
}

} // namespace chalkstream::education
