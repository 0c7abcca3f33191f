// The sample submissions of examples/, and results as a sentence for a person who watches.
#pragma once

#include "core/error.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines::tools {

struct sample {
  /// The learner, so that one learner's work stays in order; none where nobody can tell.
  std::optional<std::string> key;
  std::string value;
};

/// The lines of a file, with those of `broken` (empty: none) strewn among them, always in the same order.
result<std::vector<sample>> read_samples(const std::filesystem::path& file, const std::filesystem::path& broken = {});

/// Whether the result is of a part of its record: the record has another one that sums its parts up.
bool is_of_a_part(std::string_view result);

/// "sub-0001: 3.4 of 4, correct (confidence 0.93), out by itself"; for a dead letter or an unknown form, what can be
/// said of it. Never the learner or the text.
std::string in_a_sentence(std::string_view result);

} // namespace chalkstream::pipelines::tools
