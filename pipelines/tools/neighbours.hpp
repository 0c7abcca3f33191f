// `chalkstream infer --task neighbours`: the words nearest to a text's, among word vectors.
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/infer.hpp"

#include <cstddef>
#include <filesystem>
#include <iosfwd>

namespace chalkstream::pipelines::tools {

/// {"id","text"} -> {"id","neighbours":[{"word","similarity"}]}: the `count` nearest by cosine, without the text's
/// own words; none when no word of the text has a vector. Blocks until `in` ends. Fails when `model` is no directory
/// with word vectors, or `out` cannot be written.
result<infer_counts> neighbours(std::istream& in, std::ostream& out, const std::filesystem::path& model,
                                std::size_t count);

} // namespace chalkstream::pipelines::tools
