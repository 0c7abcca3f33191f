#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "models/text/regex.hpp"
#include "models/text/unicode_16.hpp"

namespace chalkstream::text {

namespace {

constexpr std::array<std::string_view, 5> groups{"L", "N", "M", "P", "S"};

bool is_category(std::string_view name) {
  return (name.size() == 1 || (name.size() == 2 && name[1] >= 'a' && name[1] <= 'z'))
         && std::find(groups.begin(), groups.end(), name.substr(0, 1)) != groups.end();
}

/// Properties that no character younger than ICU has.
constexpr std::array<std::string_view, 17> unchanged{
    "Z",        "Zs",      "Zl",         "Zp",       "Cc",    "Cf",     "Hiragana", "Katakana", "Hangul",
    "Armenian", "Bengali", "Devanagari", "Georgian", "Greek", "Hebrew", "Tamil",    "Thai"};

/// Scripts, and what of them is younger.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> grown{{
    {"Han", "\\U0002EBF0-\\U0002EE5D"}, // extension I
    {"Arabic", "\\u0897\\U00010EC2-\\U00010EC4\\U00010EFC"},
    {"Cyrillic", "\\u1C89\\u1C8A"},
    {"Latin", "\\uA7CB-\\uA7CD\\uA7DA-\\uA7DC"},
}};

/// A set of a category's characters, those younger than ICU among them.
std::string category_set(std::string_view name, bool negated) {
  std::string set = negated ? "[^\\p{" : "[\\p{";
  set.append(name).append("}");
  for (const unicode::young_range& each : unicode::young_ranges()) {
    if (each.group != name[0] || (name.size() == 2 && each.subcategory != name[1]))
      continue;
    char range[32];
    std::snprintf(range, sizeof(range), "\\U%08X-\\U%08X", static_cast<unsigned>(each.first),
                  static_cast<unsigned>(each.last));
    set += range;
  }
  return set + "]";
}

/// \w: letters, marks, digits, connectors and what else is alphabetic. Outside of sets superscripts and fractions of
/// Latin-1 count, too: so Oniguruma has it.
std::string word_set(bool negated, bool in_set) {
  return (negated ? "[^\\p{Alphabetic}" : "[\\p{Alphabetic}") + category_set("L", false) + category_set("M", false)
         + category_set("Nd", false) + category_set("Pc", false)
         + (in_set ? "]" : "\\u00B2\\u00B3\\u00B9\\u00BC-\\u00BE]");
}

error differs(std::string_view what) {
  return {errc::unsupported, "the pattern uses " + std::string(what) + ", which this build does not know"};
}

/// Copies a pattern, changing what must change.
class translation {
public:
  explicit translation(std::string_view pattern) : left_(pattern) {}

  result<std::string> run() {
    while (!left_.empty()) {
      const char next = left_.front();
      if (next == '\\') {
        CHALK_CHECK(escape());
      } else if (next == '{') {
        CHALK_CHECK(interval());
      } else {
        if (depth_ > 0 && left_.starts_with("[:"))
          return differs("a POSIX bracket");
        if (next == '[')
          ++depth_;
        else if (next == ']' && depth_ > 0)
          --depth_;
        take(1);
      }
    }
    return std::move(out_);
  }

private:
  void take(std::size_t size) {
    out_.append(left_.substr(0, size));
    left_.remove_prefix(std::min(size, left_.size()));
  }

  result<void> escape() {
    if (left_.size() < 2)
      return {errc::corrupt, "the pattern ends in a backslash"};
    const char letter = left_[1];
    if (letter == 'p' || letter == 'P')
      return property(letter == 'P');
    if (letter == 'd' || letter == 'D') {
      out_ += category_set("Nd", letter == 'D');
      left_.remove_prefix(2);
      return {};
    }
    if (letter == 'w' || letter == 'W') {
      out_ += word_set(letter == 'W', depth_ > 0);
      left_.remove_prefix(2);
      return {};
    }
    if (depth_ == 0 && (letter == 'b' || letter == 'B')) { // ICU's looks through marks
      const std::string word = word_set(false, false);
      const char* behind = letter == 'b' ? "(?!" : "(?=";
      const char* ahead = letter == 'b' ? "(?=" : "(?!";
      out_ += "(?:(?<=" + word + ")" + behind + word + ")|(?<!" + word + ")" + ahead + word + "))";
      left_.remove_prefix(2);
      return {};
    }
    constexpr std::string_view same = "sSnrtfvax"; // and everything that is no letter
    const bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
    const bool known = !is_letter || same.find(letter) != std::string_view::npos || letter == 'u'
                       || (depth_ == 0 && (letter == 'A' || letter == 'z'));
    if (!known || (letter >= '1' && letter <= '9'))
      return differs("\\" + std::string(1, letter));
    if (letter == 'v') { // here a vertical tab, in ICU all line ends
      out_ += "\\x0B";
      left_.remove_prefix(2);
    } else {
      take(2);
    }
    return {};
  }

  result<void> property(bool negated) {
    const std::size_t close = left_.find('}');
    if (left_.size() < 3 || left_[2] != '{' || close == std::string_view::npos)
      return differs("\\p without a name in braces");
    std::string_view name = left_.substr(3, close - 3);
    if (!name.empty() && name.front() == '^') {
      negated = !negated;
      name.remove_prefix(1);
    }
    if (is_category(name))
      out_ += category_set(name, negated);
    else if (const auto script =
                 std::find_if(grown.begin(), grown.end(), [&](const auto& each) { return each.first == name; });
             script != grown.end())
      out_.append(negated ? "[^\\p{" : "[\\p{").append(name).append("}").append(script->second).append("]");
    else if (std::find(unchanged.begin(), unchanged.end(), name) != unchanged.end())
      out_.append(negated ? "\\P{" : "\\p{").append(name).append("}");
    else
      return differs("\\p{" + std::string(name) + "}");
    left_.remove_prefix(close + 1);
    return {};
  }

  /// x{1,3}+ repeats x{1,3} to the reference; to ICU it never gives back what it took.
  result<void> interval() {
    const std::size_t close = left_.find('}');
    const bool repeats = depth_ == 0 && close != std::string_view::npos && close > 1
                         && left_.substr(1, close - 1).find_first_not_of("0123456789,") == std::string_view::npos;
    if (repeats && close + 1 < left_.size() && left_[close + 1] == '+')
      return differs("a possessive interval");
    take(repeats ? close + 1 : 1);
    return {};
  }

  std::string_view left_;
  std::string out_;
  int depth_ = 0; // of sets
};

} // namespace

result<std::string> icu_pattern(std::string_view pattern) {
  return translation(pattern).run();
}

} // namespace chalkstream::text
