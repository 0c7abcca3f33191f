// What a recipe over pictures learns from and is judged by, from a person's files.
#pragma once

#include "core/error.hpp"
#include "models/training/learning_weights.hpp"
#include "pipelines/tools/training/images/augmentation.hpp"
#include "pipelines/tools/training/images/picture_split.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chalkstream::pipelines::tools {

struct picture_sources {
  std::vector<std::filesystem::path> files;
  /// Empty: a share of each label's pictures.
  std::vector<std::filesystem::path> validation;
  double validation_share = 0.1;
  /// Learnt from beside the others, and never judged by: pictures that were drawn.
  std::vector<std::filesystem::path> synthetic;
};

/// Errors are those of read_pictures and the split; invalid_argument for parts of different sizes, or with labels
/// that no real picture to learn from has.
result<split_pictures> read_picture_parts(const picture_sources& sources, const picture_form& form,
                                          std::uint64_t seed);

/// One digest over every picture and label of both parts.
std::string digest_of(const split_pictures& parts);

/// By the names of their options.
void add_hidden_sizes(std::span<const std::size_t> sizes, std::vector<std::pair<std::string, std::string>>& to);
void add_augmentation(const augmentation_settings& how, std::vector<std::pair<std::string, std::string>>& to);
void add_optimiser(const models::training::optimiser_settings& how,
                   std::vector<std::pair<std::string, std::string>>& to);

} // namespace chalkstream::pipelines::tools
