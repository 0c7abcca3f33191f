// Numbers and tables for people, as plain text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::app {

/// "1,234,567"
std::string format_count(std::uint64_t n);

/// "430 us", "12.3 ms", "1.25 s", "3 m 20 s"; "-" for nothing measured (0 or less).
std::string format_seconds(double seconds);

/// "0", "7.3", "1,240"
std::string format_rate(double per_second);

/// Columns side by side, two spaces between them; the first is text (left), the others are numbers (right).
class text_table {
public:
  explicit text_table(std::vector<std::string> heads) : rows_{std::move(heads)} {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  /// One text per line, none longer than `width`: names are cut first, then columns are left out from the right.
  std::vector<std::string> lines(std::size_t width) const;

private:
  std::vector<std::vector<std::string>> rows_;
};

} // namespace chalkstream::app
