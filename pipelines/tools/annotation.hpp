// Pictures with what a model found in them, for a person who would rather look than read: frames around the lines of
// a page, or the likeliest classes below it, and how sure the model was of each, from red to green.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "core/outcome.hpp"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines::tools {

struct class_guess {
  std::string label;
  double confidence = 0;
};

/// The likeliest of the classes with these logits, likeliest first, three at most; a class without a label is told by
/// its number.
std::vector<class_guess> likeliest_classes(std::span<const float> logits, std::span<const std::string> labels);

/// The page at most 1,000 pixels long, with its lines' frames and confidences (per cent) drawn in. RGB.
picture annotated(const picture& page, const recognised_page& read);

/// The picture between about 200 and 1,000 pixels long, with a line for each guess below it: confidence in per cent
/// and as a bar, and label. RGB.
picture annotated(const picture& page, std::span<const class_guess> guesses);

/// "000012-scan-1-p2.png": the number of its line, its id as far as that may stand in a file's name, its page from 1.
std::string annotation_name(std::size_t line, std::string_view id, std::size_t page);

/// Writes it as PNG. io with the file's name.
result<void> write_annotation(const std::filesystem::path& file, const picture& drawn);

} // namespace chalkstream::pipelines::tools
