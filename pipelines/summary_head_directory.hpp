// A summary head (education/summary_head.hpp) beside the encoder it was learnt with. The directory stays what Hugging
// Face's readers take it for; two files are added:
//
//   summary_head.json         {"features": [the names of the features], "phrases": ["a word", "two words", "^
//   first"]} summary_head.safetensors  features.weight [features]   phrases.weight [phrases]   bias [1]   unit [1]
//
// All of it is checked: other features than this build's, phrases that are not sorted, a tensor that is missing, too
// many, of another shape or with a value that is not finite are errors that name the file and what is wrong.
#pragma once

#include "core/error.hpp"
#include "education/summary_head.hpp"

#include <filesystem>
#include <memory>

namespace chalkstream::pipelines {

/// Null for a directory with neither file.
result<std::shared_ptr<const education::summary_head>> read_summary_head(const std::filesystem::path& directory);

/// Makes the directory. Each file is replaced whole.
result<void> write_summary_head(const std::filesystem::path& directory, const education::summary_head& head);

/// The encoder's files that decide what it answers, config.json last: until then the new directory is no model. Each
/// file appears whole or not at all.
result<void> copy_encoder(const std::filesystem::path& from, const std::filesystem::path& to);

} // namespace chalkstream::pipelines
