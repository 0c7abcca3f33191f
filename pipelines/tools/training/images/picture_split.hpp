// A part to learn from and a part to judge by.
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/training/images/picture_set.hpp"

#include <cstdint>

namespace chalkstream::pipelines::tools {

struct split_pictures {
  picture_set training;
  picture_set validation;
};

/// A share of each label's pictures, one at least, drawn with the seed, goes to the validation part. invalid_argument
/// for a label with one picture alone.
result<split_pictures> split_by_share(picture_set all, double share, std::uint64_t seed);

} // namespace chalkstream::pipelines::tools
