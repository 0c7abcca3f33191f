// The stem of an English word: Porter's algorithm ("An algorithm for suffix stripping", 1980) with the departures of
// NLTK's PorterStemmer in its default mode, which rouge-score uses:
//   - a dozen irregular words have their stems in a table; words of up to two letters are left alone
//   - "dies" and "died" become "die", "spied" becomes "spi"
//   - a final y becomes i after a consonant that is not the first letter ("enjoy" keeps it)
//   - "-alli" is cut first and the rest tried again; "-bli", "-fulli" and "-logi" are suffixes of their own
//   - a two-letter stem of vowel and consonant counts as one that wants its e back ("are", "ice")
#pragma once

#include <string>
#include <string_view>

namespace chalkstream::education::measures {

/// `word` is in lower case, of ASCII letters and digits; digits count as consonants.
std::string porter_stem(std::string_view word);

} // namespace chalkstream::education::measures
