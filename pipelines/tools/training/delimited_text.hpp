// Rows of CSV (RFC 4180) and TSV.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines::tools {

struct delimited_row {
  /// Where it begins, from 1.
  std::size_t line = 0;
  std::vector<std::string> fields;
  /// What is wrong with it; empty if nothing is.
  std::string_view mistake;
};

/// Calls `take` for each row in turn; blank lines are passed over. With `quotes`, a field may stand in double quotes:
/// it then holds separators and line ends, and a quote as two.
void read_delimited(std::string_view text, char separator, bool quotes,
                    const std::function<void(delimited_row&&)>& take);

} // namespace chalkstream::pipelines::tools
