// A person's labelled pictures, in whatever form they lie:
//   a folder           a folder in it for each label, image files within
//   a zip archive      "<label>-<anything>.png", or a folder for each label
//   IDX (.gz or not)   the file of pictures, its labels beside it (MNIST)
//   .bin               CIFAR-10's binary form
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/training/images/picture_set.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::pipelines::tools {

/// All of them as one. In folders and archives files that do not end as image files do are passed over. Errors name
/// the file, the picture and what is wrong: `corrupt` for bytes, invalid_argument for nothing to learn from, one
/// label alone, or pictures of different sizes; out_of_memory beyond most_picture_bytes.
result<picture_set> read_pictures(std::span<const std::filesystem::path> files, const picture_form& form);

/// The set with the labels of another, which it has no more of; invalid_argument names one that it has.
result<void> take_labels(picture_set& set, const std::vector<std::string>& labels);

} // namespace chalkstream::pipelines::tools
