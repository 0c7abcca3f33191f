// MNIST's form, IDX: a big-endian magic number and the sizes, then the bytes. Also as gzip packs it.
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/training/images/picture_set.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines::tools {

/// Whether a file that begins so may be IDX, or a packed file.
bool looks_like_idx(std::string_view start);

/// "train-labels-idx1-ubyte.gz" beside "train-images-idx3-ubyte.gz". invalid_argument if the name does not tell.
result<std::filesystem::path> idx_labels_of(const std::filesystem::path& images);

struct idx_pictures {
  std::vector<picture> pictures; // grey
  std::vector<std::uint8_t> labels;
};

/// Both files. Errors name the file and what is wrong: another magic number, sizes that are none, fewer or more bytes
/// than they ask for, other numbers of pictures and labels.
result<idx_pictures> read_idx(const std::filesystem::path& images, const std::filesystem::path& labels);

} // namespace chalkstream::pipelines::tools
