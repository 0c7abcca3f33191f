// The few words of HTML and SVG that a report is made of. Everything that came from a file goes through escaped().
#pragma once

#include <string>
#include <string_view>

namespace chalkstream::pipelines::tools {

/// Safe as text and within a quoted attribute: & < > " ' as references, control characters as U+FFFD.
std::string escaped(std::string_view text);

/// Not escaped: the first `most` code points, with "…" behind them if that is not all.
std::string shortened(std::string_view text, std::size_t most);

/// "0.5000"; "–" for what is not a number.
std::string fixed(double value, int digits);

} // namespace chalkstream::pipelines::tools
