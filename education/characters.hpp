// Code points, as far as grading needs to know them: what is invisible, what is blank, which letters are Latin.
// Ranges follow Unicode 15's blocks and General_Category, coarsely.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace chalkstream::education {

/// The code point at `position`, which moves past it. Broken UTF-8 gives U+FFFD and moves one byte on.
char32_t next_code_point(std::string_view text, std::size_t& position) noexcept;
void append_utf8(std::string& out, char32_t c);

/// Zero-width characters, direction marks, soft hyphens, variation selectors and tag characters: they change nothing
/// a reader sees, and are how text is hidden from one.
bool is_invisible(char32_t c) noexcept;
bool is_space(char32_t c) noexcept;

/// Nothing but white space and invisible characters.
bool is_blank(std::string_view text) noexcept;

/// A letter or an ideograph, of whatever script.
bool is_letter(char32_t c) noexcept;
bool is_latin(char32_t c) noexcept;

struct letter_counts {
  std::size_t latin = 0;
  std::size_t other = 0;

  double other_share() const noexcept {
    return latin + other == 0 ? 0.0 : static_cast<double>(other) / static_cast<double>(latin + other);
  }
};
letter_counts count_letters(std::string_view text) noexcept;

} // namespace chalkstream::education
