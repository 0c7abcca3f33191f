#include "education/measures/porter_stemmer.hpp"

#include <array>
#include <span>
#include <utility>
#include <vector>

namespace chalkstream::education::measures {

namespace {

using view = std::string_view;

constexpr std::array<std::pair<view, view>, 16> irregular = {{{"sky", "sky"},
                                                              {"skies", "sky"},
                                                              {"dying", "die"},
                                                              {"lying", "lie"},
                                                              {"tying", "tie"},
                                                              {"news", "news"},
                                                              {"innings", "inning"},
                                                              {"inning", "inning"},
                                                              {"outings", "outing"},
                                                              {"outing", "outing"},
                                                              {"cannings", "canning"},
                                                              {"canning", "canning"},
                                                              {"howe", "howe"},
                                                              {"proceed", "proceed"},
                                                              {"exceed", "exceed"},
                                                              {"succeed", "succeed"}}};

bool is_vowel(char c) {
  return view{"aeiou"}.find(c) != view::npos;
}

/// For every letter whether it is a consonant: y is one at the start and after a vowel.
std::vector<bool> consonants(view word) {
  std::vector<bool> all(word.size());
  for (std::size_t i = 0; i < word.size(); ++i)
    all[i] = word[i] == 'y' ? i == 0 || !all[i - 1] : !is_vowel(word[i]);
  return all;
}

/// Porter's m: how often a vowel is followed by a consonant.
std::size_t measure(view stem) {
  const auto consonant = consonants(stem);
  std::size_t m = 0;
  for (std::size_t i = 1; i < stem.size(); ++i)
    m += !consonant[i - 1] && consonant[i] ? 1 : 0;
  return m;
}

bool has_vowel(view stem) {
  for (const bool consonant : consonants(stem))
    if (!consonant)
      return true;
  return false;
}

bool ends_in_double_consonant(view word) {
  const auto n = word.size();
  return n >= 2 && word[n - 1] == word[n - 2] && consonants(word)[n - 1];
}

/// Porter's *o: consonant, vowel, consonant, the last none of w, x, y; a vowel and a consonant alone as well.
bool wants_e(view word) {
  const auto consonant = consonants(word);
  const auto n = word.size();
  if (n == 2)
    return !consonant[0] && consonant[1];
  return n >= 3 && consonant[n - 3] && !consonant[n - 2] && consonant[n - 1]
         && view{"wxy"}.find(word[n - 1]) == view::npos;
}

view without(view word, view suffix) {
  return word.substr(0, word.size() - suffix.size());
}

std::string joined(view stem, view ending) {
  std::string word{stem};
  return word.append(ending);
}

struct rule {
  view suffix;
  view ending;
};

/// The first rule whose suffix fits decides, whether or not its stem has the measure it takes.
std::string apply(view word, std::span<const rule> rules, std::size_t measure_above) {
  for (const auto& r : rules)
    if (word.ends_with(r.suffix)) {
      const auto stem = without(word, r.suffix);
      return measure(stem) > measure_above ? joined(stem, r.ending) : std::string{word};
    }
  return std::string{word};
}

std::string plural(view word) {
  if (word.ends_with("ies"))
    return joined(without(word, "ies"), word.size() == 4 ? "ie" : "i");
  if (word.ends_with("sses"))
    return std::string{without(word, "es")};
  return std::string{word.ends_with("s") && !word.ends_with("ss") ? without(word, "s") : word};
}

std::string past_or_participle(view word) {
  if (word.ends_with("ied"))
    return joined(without(word, "ied"), word.size() == 4 ? "ie" : "i");
  if (word.ends_with("eed"))
    return std::string{measure(without(word, "eed")) > 0 ? without(word, "d") : word};
  const view suffix = word.ends_with("ed") ? "ed" : "ing";
  if (!word.ends_with(suffix) || !has_vowel(without(word, suffix)))
    return std::string{word};
  const auto stem = without(word, suffix);
  if (stem.ends_with("at") || stem.ends_with("bl") || stem.ends_with("iz"))
    return joined(stem, "e");
  if (ends_in_double_consonant(stem))
    return std::string{view{"lsz"}.find(stem.back()) == view::npos ? stem.substr(0, stem.size() - 1) : stem};
  return measure(stem) == 1 && wants_e(stem) ? joined(stem, "e") : std::string{stem};
}

std::string final_y(view word) {
  const auto n = word.size();
  return word.ends_with("y") && n > 2 && consonants(word)[n - 2] ? joined(without(word, "y"), "i")
                                                                 : std::string{word};
}

std::string double_suffix(view word) {
  static constexpr rule rules[] = {{"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"},   {"anci", "ance"},
                                   {"izer", "ize"},    {"bli", "ble"},     {"alli", "al"},     {"entli", "ent"},
                                   {"eli", "e"},       {"ousli", "ous"},   {"ization", "ize"}, {"ation", "ate"},
                                   {"ator", "ate"},    {"alism", "al"},    {"iveness", "ive"}, {"fulness", "ful"},
                                   {"ousness", "ous"}, {"aliti", "al"},    {"iviti", "ive"},   {"biliti", "ble"},
                                   {"fulli", "ful"}};
  if (word.ends_with("alli") && measure(without(word, "alli")) > 0)
    return double_suffix(without(word, "li"));
  if (word.ends_with("logi")) // the l belongs to the stem that is measured: "geologi" has one, "logi" none
    return std::string{measure(without(word, "ogi")) > 0 ? without(word, "i") : word};
  return apply(word, rules, 0);
}

std::string adjective_suffix(view word) {
  static constexpr rule rules[] = {{"icate", "ic"}, {"ative", ""}, {"alize", "al"}, {"iciti", "ic"},
                                   {"ical", "ic"},  {"ful", ""},   {"ness", ""}};
  return apply(word, rules, 0);
}

std::string last_suffix(view word) {
  static constexpr rule rules[] = {{"al", ""},   {"ance", ""}, {"ence", ""},  {"er", ""},   {"ic", ""},  {"able", ""},
                                   {"ible", ""}, {"ant", ""},  {"ement", ""}, {"ment", ""}, {"ent", ""}, {"ou", ""},
                                   {"ism", ""},  {"ate", ""},  {"iti", ""},   {"ous", ""},  {"ive", ""}, {"ize", ""}};
  if (word.ends_with("ion")) {
    const auto stem = without(word, "ion");
    const bool cut = measure(stem) > 1 && (stem.ends_with("s") || stem.ends_with("t"));
    return std::string{cut ? stem : word};
  }
  return apply(word, rules, 1);
}

std::string final_e(view word) {
  if (!word.ends_with("e"))
    return std::string{word};
  const auto stem = without(word, "e");
  const auto m = measure(stem);
  return std::string{m > 1 || (m == 1 && !wants_e(stem)) ? stem : word};
}

std::string final_ll(view word) {
  return std::string{word.ends_with("ll") && measure(without(word, "l")) > 1 ? without(word, "l") : word};
}

} // namespace

std::string porter_stem(std::string_view word) {
  for (const auto& [form, stem] : irregular)
    if (word == form)
      return std::string{stem};
  if (word.size() <= 2)
    return std::string{word};
  std::string stem{word};
  for (const auto step :
       {plural, past_or_participle, final_y, double_suffix, adjective_suffix, last_suffix, final_e, final_ll})
    stem = step(stem);
  return stem;
}

} // namespace chalkstream::education::measures
