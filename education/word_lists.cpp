#include "education/word_lists.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace chalkstream::education {

namespace {

using pair = std::pair<std::string_view, std::string_view>;

template <std::size_t N>
constexpr std::array<std::string_view, N> sorted(std::array<std::string_view, N> list) {
  std::sort(list.begin(), list.end());
  return list;
}

constexpr auto function_words = sorted(std::to_array<std::string_view>(
    {"a",        "about", "after",  "all",   "also",    "although", "am",     "an",    "and",     "any",
     "are",      "as",    "at",     "be",    "because", "been",     "before", "being", "both",    "but",
     "by",       "can",   "could",  "did",   "do",      "does",     "doing",  "each",  "either",  "etc",
     "even",     "for",   "from",   "had",   "has",     "have",     "having", "he",    "her",     "here",
     "hers",     "him",   "his",    "how",   "however", "i",        "if",     "in",    "into",    "is",
     "it",       "its",   "itself", "just",  "may",     "me",       "might",  "mine",  "more",    "most",
     "much",     "must",  "my",     "of",    "on",      "onto",     "or",     "other", "our",     "ours",
     "over",     "own",   "s",      "shall", "she",     "should",   "since",  "so",    "some",    "such",
     "t",        "than",  "that",   "the",   "their",   "them",     "then",   "there", "these",   "they",
     "this",     "those", "though", "thus",  "to",      "too",      "u",      "under", "until",   "upon",
     "us",       "very",  "was",    "we",    "were",    "what",     "when",   "where", "whether", "which",
     "while",    "who",   "whom",   "whose", "why",     "will",     "with",   "would", "you",     "your",
     "therefore"}));

constexpr auto negations = sorted(std::to_array<std::string_view>(
    {"no",      "not",      "never", "none",   "nothing", "neither", "nor",    "without", "cannot",
     "dont",    "doesnt",   "didnt", "isnt",   "arent",   "wasnt",   "werent", "wont",    "cant",
     "couldnt", "shouldnt", "hasnt", "havent", "hadnt",   "wouldnt", "nobody", "nowhere"}));

constexpr auto numbers = std::to_array<pair>({{"zero", "0"},
                                              {"one", "1"},
                                              {"two", "2"},
                                              {"three", "3"},
                                              {"four", "4"},
                                              {"five", "5"},
                                              {"six", "6"},
                                              {"seven", "7"},
                                              {"eight", "8"},
                                              {"nine", "9"},
                                              {"ten", "10"},
                                              {"eleven", "11"},
                                              {"twelve", "12"}});

constexpr auto opposites = std::to_array<pair>(
    {{"increas", "decreas"},    {"ris", "fall"},        {"up", "down"},           {"more", "less"},
     {"more", "fewer"},         {"high", "low"},        {"higher", "lower"},      {"positiv", "negativ"},
     {"open", "clos"},          {"hot", "cold"},        {"warm", "cool"},         {"hotter", "colder"},
     {"fast", "slow"},          {"faster", "slower"},   {"larg", "small"},        {"larger", "smaller"},
     {"bigger", "smaller"},     {"big", "small"},       {"longer", "shorter"},    {"long", "short"},
     {"heavier", "lighter"},    {"same", "different"},  {"gain", "los"},          {"inside", "outsid"},
     {"connect", "disconnect"}, {"connect", "separat"}, {"complet", "incomplet"}, {"attract", "repel"},
     {"absorb", "releas"},      {"attract", "repuls"},  {"hard", "soft"},         {"harder", "softer"},
     {"before", "after"},       {"first", "last"},      {"strong", "weak"},       {"stronger", "weaker"},
     {"dens", "spars"},         {"north", "south"},     {"east", "west"},         {"left", "right"},
     {"above", "below"},        {"alway", "never"},     {"acid", "alkalin"},      {"buyer", "seller"},
     {"expand", "contract"},    {"melt", "freez"},      {"evaporat", "condens"},  {"thick", "thin"},
     {"most", "least"},         {"rough", "smooth"},    {"bright", "dim"},        {"on", "off"},
     {"full", "empti"},         {"closer", "farther"},  {"near", "far"},          {"push", "pull"},
     {"deep", "shallow"}});

constexpr auto with_opposite = [] {
  std::array<std::string_view, 2 * opposites.size()> stems;
  for (std::size_t i = 0; i < opposites.size(); ++i) {
    stems[2 * i] = opposites[i].first;
    stems[2 * i + 1] = opposites[i].second;
  }
  return sorted(stems);
}();

} // namespace

bool is_function_word(std::string_view word) noexcept {
  return std::binary_search(function_words.begin(), function_words.end(), word);
}

bool is_negation(std::string_view word) noexcept {
  return std::binary_search(negations.begin(), negations.end(), word);
}

std::string_view number_of(std::string_view word) noexcept {
  if (word.size() < 3 || word.size() > 6)
    return {};
  for (const auto& [name, digits] : numbers)
    if (name == word)
      return digits;
  return {};
}

bool has_opposite(std::string_view stem) noexcept {
  return std::binary_search(with_opposite.begin(), with_opposite.end(), stem);
}

bool are_opposites(std::string_view left, std::string_view right) noexcept {
  return std::any_of(opposites.begin(), opposites.end(), [&](const pair& p) {
    return (p.first == left && p.second == right) || (p.first == right && p.second == left);
  });
}

} // namespace chalkstream::education
