// Full stops that end an abbreviation and not a sentence, in common English prose and for a few words of its
// neighbours.
#pragma once

#include <string_view>

namespace chalkstream::education {

/// Whether the full stop that ends `before` belongs to an abbreviation or an initial, so that the sentence goes on
/// with `after` (which begins with a letter or digit, openers allowed). `language` is a primary subtag; empty is
/// English, and only English knows more than titles and the likes of "z.B.". "Dr. | Smith", "e.g. | Plants",
/// "Fig. | 3", "the U.S. | Army" and "John F. | Kennedy" go on; "in the U.S. | The" and "vitamin C. | Plants" do not.
/// Looks at the nearest words only, so its time does not depend on the lengths.
bool goes_on(std::string_view before, std::string_view after, std::string_view language = {}) noexcept;

} // namespace chalkstream::education
