// What a person should see of what was read: figures, and the lines it is most wrong about.
#pragma once

#include "models/reading/line_decoding.hpp"
#include "pipelines/tools/training/images/line_files.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::pipelines::tools {

struct line_mistakes {
  std::vector<std::size_t> distances; // of each line
  std::size_t wrong = 0;              // characters, all together
  std::size_t characters = 0;         // that are right
  std::size_t exact = 0;              // lines

  double cer() const noexcept { return static_cast<double>(wrong) / static_cast<double>(characters); }
};

line_mistakes mistakes_in(const line_set& set, std::span<const models::reading::line_text> read);

/// One HTML page, complete in itself: the figures, and the sixty lines with most mistakes for their length, as
/// pictures with what was read, what is right, and their places in the data.
std::string line_report(const line_set& set, std::span<const models::reading::line_text> read);

} // namespace chalkstream::pipelines::tools
