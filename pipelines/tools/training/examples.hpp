// What a recipe learns from, read from a person's files and held against what the recipe needs: everything that is
// wrong is found before anything is computed.
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/training/recipe.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace chalkstream::pipelines::tools {

struct column_names {
  /// Of summarize it may have a list of sentences.
  std::string text = "text";
  /// Of pair and span; of regress only if it is not empty.
  std::string pair;
  /// Of classify and pair the label, of scores one a trait; one that is no column may be the beginning of several:
  /// "score" of "score.content" and "score.wording". Of span the answer, or the answers; of seq2seq the text to write;
  /// of summarize the summary, or the summaries. Empty: "label", "score", "answer" or "answers", "target", "summary" or
  /// "summaries".
  std::vector<std::string> goals;
  /// Of span: where the answer starts in the passage, in code points. A row without takes the first occurrence.
  std::string start;
  /// What belongs together and must not be split. Empty: nothing.
  std::string group;
};

struct data_settings {
  recipe what = recipe::classify;
  /// Of pair: scores instead of a label.
  bool scores = false;
  column_names columns;

  learnt learns() const;
};

struct text_example {
  std::size_t file = 0; // in example_set::files
  std::size_t line = 0;
  std::string text;
  std::optional<std::string> pair;
  /// Where the second column has a list: all of it; `pair` is the one that grading would have a model read first.
  std::vector<std::string> references;
  std::string group;

  std::string label;
  std::vector<double> scores;
  std::vector<std::string> answers; // of summarize the summaries
  std::size_t answer_start = 0; // of the first one, in code points
  std::string target;           // the text to write
};

struct example_set {
  std::vector<std::string> files;
  std::vector<text_example> examples;
  /// Names of the scores; a single one has none.
  std::vector<std::string> traits;

  /// "file:line"
  std::string place(const text_example& of) const;
};

/// Reads files of the forms data_table knows. `corrupt` has all mistakes of the rows, with file and line: a text, a
/// goal or a group that is missing or of the wrong kind, labels of different kinds, a score that is no finite number,
/// an answer that is not in its passage. invalid_argument names a column that is not there, and those that are.
result<example_set> read_examples(const std::vector<std::filesystem::path>& files, const data_settings& settings);

/// Two plain files, a text a line and what is to be written from it on the same line of the other, whatever they are
/// called. `corrupt` has all mistakes: a line that is empty or not UTF-8, and a file that has more lines.
result<example_set> read_parallel(const std::filesystem::path& texts, const std::filesystem::path& targets);

/// The labels in their order: whole numbers by size, others by code points. invalid_argument if there is only one, or
/// so many that they must be texts.
result<std::vector<std::string>> labels_of(const example_set& set);

} // namespace chalkstream::pipelines::tools
