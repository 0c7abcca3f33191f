// A person's file of examples as rows and columns, whatever its form:
//
//   .jsonl, .ndjson   JSON lines, one object a row; the members of an object within it are columns "score.content"
//   .csv              RFC 4180, the first row names the columns; quoted fields may hold commas, quotes and line ends
//   .tsv              tabs between fields, a row a line, no quoting; the first row names the columns
//   .json             SQuAD's form: columns id, title, text (the question), pair (the context), answers, starts
//
// The extension says which. A UTF-8 byte order mark is passed over, and so are blank lines.
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/evaluation/mistakes.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines::tools {

struct cell {
  /// A field of CSV or TSV is a text, or missing where it is empty; null is missing too.
  enum class kind : std::uint8_t { missing, text, number, boolean, list, other };

  kind is = kind::missing;
  /// Of a text itself, of a number or boolean as JSON writes it.
  std::string value;
  /// Of a list of texts or numbers.
  std::vector<std::string> items;
};

/// "a text", "a number", …
std::string_view to_string(cell::kind kind);

struct data_row {
  /// Where it begins; of SQuAD's form which question it is, from 1.
  std::size_t line = 0;
  /// By column; shorter where the last ones are missing.
  std::vector<cell> cells;

  const cell& at(std::size_t column) const;
};

struct data_table {
  std::string file;
  /// In the order in which they first appear.
  std::vector<std::string> columns;
  std::vector<data_row> rows;

  std::optional<std::size_t> find(std::string_view column) const;
};

/// not_found or io; invalid_argument for an extension that is none of these; what is wrong with single rows goes to
/// `wrong`. Keeps the file in memory; more than a gigabyte, 5 million rows or 1,000 columns are refused.
result<data_table> read_table(const std::filesystem::path& file, mistakes& wrong);

/// The same of a file's content that is there already.
result<data_table> parse_table(const std::filesystem::path& file, std::string_view text, mistakes& wrong);

} // namespace chalkstream::pipelines::tools
