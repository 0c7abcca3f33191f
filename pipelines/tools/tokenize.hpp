// `chalkstream tokenize`: JSON lines {"id","text","pair"?} in, {"id","ids","offsets"} out, in the same order.
#pragma once

#include <filesystem>
#include <iosfwd>

#include "core/error.hpp"

namespace chalkstream::pipelines::tools {

/// Adds special tokens, neither truncates nor pads, takes empty text; offsets count code points of the text a token
/// came from, and are [0,0] for special tokens. A line that cannot be tokenized gets {"id":…,"error":…} instead, with
/// the id null when it cannot be told; blank lines are passed over. Blocks until `in` ends; returns how many lines
/// got an error. Fails when the model's tokenizer cannot be loaded or `out` cannot be written.
result<int> tokenize(std::istream& in, std::ostream& out, const std::filesystem::path& model);

} // namespace chalkstream::pipelines::tools
