// `chalkstream eval`: how good predictions are against a reference. Reads both, computes the task's figures
// (education/measures), and gives them to whoever shows them: the terminal, evaluation_json, evaluation_page.
#pragma once

#include "core/error.hpp"
#include "education/measures/label_measures.hpp"
#include "education/measures/score_measures.hpp"
#include "education/measures/text_measures.hpp"
#include "pipelines/tools/evaluation/value_lines.hpp"

#include <filesystem>
#include <optional>

namespace chalkstream::pipelines::tools {

/// classify, regress, span, summary, translation.
std::optional<evaluated_task> evaluated_task_from(std::string_view name);
std::string_view to_string(evaluated_task task);

struct evaluation_settings {
  evaluated_task task = evaluated_task::classify;
  std::filesystem::path predictions;
  std::filesystem::path references;
  /// The field that names a row's subgroup; empty: no subgroups.
  std::string group;
  education::measures::bootstrap_settings bootstrap;

  std::vector<std::string> scale; // classify: the labels from the lowest to the highest
  std::size_t bins = education::measures::default_bins;
  education::measures::rouge_settings rouge;
  education::measures::bleu_tokenizer tokenizer = education::measures::bleu_tokenizer::v13a;
};

struct evaluation {
  evaluation_settings settings;
  education::measures::measured figures;

  // classify: empty or absent otherwise
  std::vector<std::string> labels;
  std::optional<education::measures::confusion_matrix> matrix;
  std::vector<education::measures::reliability_bin> reliability; // of confident predictions
  // regress: empty otherwise
  education::measures::scored_rows scores;
};

/// More than this are no subgroups but, say, the rows' own ids.
inline constexpr std::size_t most_groups = 1000;

/// What is wrong with the files is errc::corrupt with all mistakes in it (joined_rows.hpp), a file that cannot be
/// opened errc::not_found, too many labels or subgroups errc::invalid_argument. Keeps both files in memory.
result<evaluation> evaluate(const evaluation_settings& settings);

} // namespace chalkstream::pipelines::tools
