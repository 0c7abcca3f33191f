// The few closed word classes of English that grading looks at.
#pragma once

#include <string_view>

namespace chalkstream::education {

/// Articles, pronouns, prepositions, auxiliaries, conjunctions: words that carry no content of their own.
bool is_function_word(std::string_view word) noexcept;

/// no, not, never, without, … and contractions written without their apostrophe.
bool is_negation(std::string_view word) noexcept;

/// "3" for "three", up to twelve; empty for any other word.
std::string_view number_of(std::string_view word) noexcept;

/// Words that say the reverse of each other where they are said of the same thing: "decrease" for "increase".
/// Takes and compares stems as analyse() makes them.
bool are_opposites(std::string_view left, std::string_view right) noexcept;

/// Whether are_opposites can hold for this stem at all.
bool has_opposite(std::string_view stem) noexcept;

} // namespace chalkstream::education
