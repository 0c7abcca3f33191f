// Languages as events name them: BCP 47 tags.
#pragma once

#include <string>
#include <string_view>

namespace chalkstream::education {

/// The language alone, in lower case: "en" of "en-GB". A tag that is none gives what stands before its first hyphen.
std::string primary_subtag(std::string_view tag);

} // namespace chalkstream::education
