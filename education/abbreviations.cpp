#include "education/abbreviations.hpp"

#include "education/word_lists.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace chalkstream::education {

namespace {

constexpr std::size_t longest_word = 24;

/// A name or an example follows, whatever it begins with.
constexpr std::string_view before_anything[] = {"cf", "dr", "e.g", "i.e", "messrs", "mr", "mrs", "ms", "prof", "vs"};
/// The same in German, Dutch, French, Spanish, Portuguese and Italian.
constexpr std::string_view before_anything_elsewhere[] = {"bzw",  "ca",  "dott", "dra",  "dres", "hr",
                                                          "mlle", "mme", "mr",   "nr",   "nro",  "pr",
                                                          "sig",  "sra", "sr",   "srta", "vgl"};
/// May end a sentence, too: the next word tells.
constexpr std::string_view before_names[] = {"al",   "approx", "capt", "co",  "corp", "dept", "ed",   "eds",
                                             "eq",   "eqs",    "etc",  "fig", "figs", "gen",  "gov",  "hon",
                                             "inc",  "jr",     "lt",   "ltd", "mt",   "pres", "ref",  "rep",
                                             "resp", "rev",    "sen",  "sgt", "sr",   "st",   "univ", "viz"};
/// Words of their own, or ends of sentences, unless a number follows.
constexpr std::string_view before_numbers[] = {"apr", "art", "aug", "ch",  "chap", "dec", "feb",
                                               "jan", "jul", "jun", "mar", "no",   "nos", "nov",
                                               "oct", "p",   "pp",  "sec", "sept", "vol"};

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_ascii_letter(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_capital(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}

bool is_blank_byte(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_part(char c) noexcept {
  return is_ascii_letter(c) || is_digit(c) || c == '.' || c == '\'';
}

/// In lower case, in a buffer of its own: nothing here allocates.
class lower_word {
public:
  explicit lower_word(std::string_view word) noexcept : size_(std::min(word.size(), bytes_.size())) {
    std::transform(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(size_), bytes_.begin(),
                   [](char c) { return is_capital(c) ? static_cast<char>(c + 32) : c; });
  }
  std::string_view view() const noexcept { return {bytes_.data(), size_}; }

private:
  std::array<char, longest_word> bytes_{};
  std::size_t size_;
};

/// The word that ends `text`, taken off it with the white space before it; empty if there is none or it is long.
std::string_view take_last_word(std::string_view& text) noexcept {
  std::size_t begin = text.size();
  while (begin > 0 && text.size() - begin <= longest_word && is_part(text[begin - 1]))
    --begin;
  const auto word = text.substr(begin);
  std::size_t end = begin;
  while (end > 0 && begin - end <= longest_word && is_blank_byte(text[end - 1]))
    --end;
  text = text.substr(0, end);
  return word.size() <= longest_word ? word : std::string_view{};
}

std::string_view first_word(std::string_view text) noexcept {
  std::size_t begin = 0;
  while (begin < text.size() && begin < longest_word && !is_ascii_letter(text[begin]) && !is_digit(text[begin]))
    ++begin;
  std::size_t end = begin;
  while (end < text.size() && end - begin < longest_word && (is_ascii_letter(text[end]) || is_digit(text[end])))
    ++end;
  return text.substr(begin, end - begin);
}

bool among(std::span<const std::string_view> words, std::string_view word) noexcept {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// "U.S", "a.m", "Ph.D": up to three letters between the stops.
bool is_dotted(std::string_view word) noexcept {
  std::size_t letters = 0, stops = 0;
  for (const char c : word) {
    if (c == '.') {
      if (letters == 0)
        return false;
      ++stops;
      letters = 0;
    } else if (!is_ascii_letter(c) || ++letters > 3) {
      return false;
    }
  }
  return stops > 0 && letters > 0;
}

} // namespace

bool goes_on(std::string_view before, std::string_view after, std::string_view language) noexcept {
  if (!before.ends_with('.'))
    return false;
  before.remove_suffix(1);
  const auto word = take_last_word(before);
  const auto next = first_word(after);
  if (word.empty() || next.empty())
    return false;
  const lower_word lower{word};
  if (among(before_anything, lower.view()))
    return true;
  if (!language.empty() && language != "en")
    return among(before_anything_elsewhere, lower.view()) || (is_dotted(word) && !is_capital(word.front()));
  if (is_digit(next.front()))
    return among(before_numbers, lower.view()) || among(before_names, lower.view()) || is_dotted(word);
  if (is_function_word(lower_word{next}.view()))
    return false;
  if (among(before_names, lower.view()) || is_dotted(word))
    return true;
  if (word.size() != 1 || !is_capital(word.front()))
    return false;
  // "John F. Kennedy", "by J. Smith"; but "vitamin C. Plants".
  const auto previous = take_last_word(before);
  return previous.empty() || is_capital(previous.front()) || is_function_word(lower_word{previous}.view());
}

} // namespace chalkstream::education
