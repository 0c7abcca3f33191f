#include "education/analysed_text.hpp"

#include "education/characters.hpp"
#include "education/word_lists.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace chalkstream::education {

namespace {

constexpr std::size_t max_words = 1024;

bool ends_with(std::string_view word, std::string_view ending, std::size_t at_least_before) {
  return word.size() >= ending.size() + at_least_before && word.ends_with(ending);
}

void undouble(std::string& stem) {
  const auto n = stem.size();
  if (n >= 4 && stem[n - 1] == stem[n - 2]
      && std::string_view{"bdgmnprt"}.find(stem[n - 1]) != std::string_view::npos)
    stem.pop_back();
}

/// Plurals, -ed, -ing, -ly and a final e: enough that "separates", "separated" and "separating" meet.
std::string stem_of(std::string stem) {
  if (stem.size() <= 3)
    return stem;
  if (ends_with(stem, "ies", 2))
    stem.replace(stem.size() - 3, 3, "y");
  else if (ends_with(stem, "sses", 2) || ends_with(stem, "xes", 2) || ends_with(stem, "ches", 2)
           || ends_with(stem, "shes", 2))
    stem.resize(stem.size() - 2);
  else if (ends_with(stem, "s", 3) && !stem.ends_with("ss") && !stem.ends_with("us") && !stem.ends_with("is"))
    stem.pop_back();
  if (ends_with(stem, "ingly", 3)) {
    stem.resize(stem.size() - 5);
    undouble(stem);
  } else if (ends_with(stem, "ing", 3)) {
    stem.resize(stem.size() - 3);
    undouble(stem);
  } else if (ends_with(stem, "ied", 2)) {
    stem.replace(stem.size() - 3, 3, "y");
  } else if (ends_with(stem, "ed", 3) && !stem.ends_with("eed")) {
    stem.resize(stem.size() - 2);
    undouble(stem);
  } else if (ends_with(stem, "ly", 4)) {
    stem.resize(stem.size() - 2);
  }
  for (std::string_view ending : {"ation", "ition"})
    if (ends_with(stem, ending, 3)) {
      stem.resize(stem.size() - ending.size());
      stem += "at";
    }
  if (ends_with(stem, "e", 3))
    stem.pop_back();
  if (ends_with(stem, "y", 3))
    stem.back() = 'i';
  return stem;
}

/// "007" and "7.0" as "7".
std::string plain_number(std::string number) {
  if (number.find('.') != std::string::npos) {
    number.erase(number.find_last_not_of('0') + 1);
    if (number.ends_with('.'))
      number.pop_back();
  }
  const auto first = number.find_first_not_of('0');
  if (first == std::string::npos || number.empty())
    return "0";
  number.erase(0, first);
  return number.front() == '.' ? "0" + number : number;
}

void sort_unique(std::vector<std::string>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

class analyser {
public:
  analysed_text take(std::string_view text) {
    for (std::size_t i = 0; i < text.size() && out_.words.size() < max_words;)
      accept(fold(next_code_point(text, i)));
    finish();
    sort_unique(out_.content);
    sort_unique(out_.numbers);
    std::sort(out_.trigrams.begin(), out_.trigrams.end());
    return std::move(out_);
  }

private:
  /// Full-width forms, curly apostrophes and the capital letters of Latin-1, Greek and Cyrillic.
  static char32_t fold(char32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E)
      c -= 0xFEE0;
    if (c == 0x2019 || c == 0x2018 || c == 0x02BC || c == '`')
      return '\'';
    if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9)
        || (c >= 0x410 && c <= 0x42F))
      return c + 32;
    return c;
  }

  void accept(char32_t c) {
    if (is_invisible(c)) {
      ++out_.invisible;
      return;
    }
    const bool digit = c >= '0' && c <= '9';
    if (digit || is_letter(c)) {
      if (pending_) {
        current_ += pending_;
        pending_ = 0;
      }
      if (!current_.empty() && digit != digits_)
        finish(); // "5cm" is a number and a unit
      digits_ = digit;
      append_utf8(current_, c);
      if (c >= 0x3400)
        finish(); // one ideograph is one word
    } else if (!current_.empty() && !pending_ && (digits_ ? c == '.' || c == ',' : c == '\'')) {
      pending_ = static_cast<char>(c); // a decimal point or an apostrophe, if what follows goes on
    } else {
      finish();
    }
  }

  void finish() {
    pending_ = 0;
    if (current_.empty())
      return;
    auto word = std::move(current_);
    current_.clear();
    if (digits_) {
      std::erase(word, ',');
      add_number(plain_number(std::move(word)));
      return;
    }
    if (const auto apostrophe = word.find('\''); apostrophe != std::string::npos) {
      if (word.ends_with("n't")) {
        add(word == "can't" ? "can" : word == "won't" ? "will" : word.substr(0, word.size() - 3));
        add("not");
        return;
      }
      word.resize(apostrophe); // "'s", "'re", "'ll"
      if (word.empty())
        return;
    }
    add(std::move(word));
  }

  void add_number(std::string number) {
    out_.numbers.push_back(number);
    out_.words.push_back({number, std::move(number), false, true});
  }

  void add(std::string word) {
    if (const auto digits = number_of(word); !digits.empty()) {
      add_number(std::string{digits});
      return;
    }
    if (is_negation(word)) {
      ++out_.negations;
      out_.words.push_back({word, "not", true, false});
      return;
    }
    const bool function_word = is_function_word(word);
    auto stem = function_word ? word : stem_of(word);
    for (std::size_t i = 0; i + 3 <= word.size(); ++i)
      out_.trigrams.push_back(static_cast<unsigned char>(word[i]) | static_cast<unsigned char>(word[i + 1]) << 8
                              | static_cast<std::uint32_t>(static_cast<unsigned char>(word[i + 2])) << 16);
    if (!function_word)
      out_.content.push_back(stem);
    out_.words.push_back({std::move(word), std::move(stem), function_word, false});
  }

  analysed_text out_;
  std::string current_;
  bool digits_ = false;
  char pending_ = 0;
};

/// Levenshtein distance, given up beyond `limit`; words of up to 31 bytes.
std::size_t distance(std::string_view a, std::string_view b, std::size_t limit) noexcept {
  std::array<std::size_t, 32> row;
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i);
    auto best = row[0];
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto substituted = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
      best = std::min(best, row[j]);
    }
    if (best > limit)
      return limit + 1;
  }
  return row[b.size()];
}

} // namespace

analysed_text analyse(std::string_view text) {
  return analyser{}.take(text);
}

bool same_stem(std::string_view left, std::string_view right) noexcept {
  if (left == right)
    return true;
  const auto shorter = std::min(left.size(), right.size()), longer = std::max(left.size(), right.size());
  if (shorter < 5 || longer > 31 || left.front() != right.front())
    return false;
  const std::size_t limit = shorter >= 9 ? 2 : 1;
  return longer - shorter <= limit && distance(left, right, limit) <= limit;
}

std::size_t count_matches(const std::vector<std::string>& wanted, const std::vector<std::string>& present) {
  std::size_t matches = 0;
  for (const auto& stem : wanted) {
    // Misspellings keep their first letter (same_stem), so only that stretch of the sorted list can match.
    const auto first = std::lower_bound(present.begin(), present.end(), std::string_view{stem}.substr(0, 1));
    for (auto it = first; it != present.end() && it->front() == stem.front(); ++it)
      if (same_stem(stem, *it)) {
        ++matches;
        break;
      }
  }
  return matches;
}

std::string visible_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto c = next_code_point(text, i);
    if (is_invisible(c))
      continue;
    if (!is_space(c))
      append_utf8(out, c);
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (!out.empty() && out.back() == ' ')
    out.pop_back();
  return out;
}

} // namespace chalkstream::education
