// CIFAR-10's binary form: of each picture a byte for its label, then 32×32 bytes of red, of green and of blue.
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/training/images/picture_set.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace chalkstream::pipelines::tools {

struct cifar_pictures {
  std::vector<picture> pictures; // 32×32, RGB
  std::vector<std::uint8_t> labels;
  /// A line each of batches.meta.txt beside the file; without it "0" to "9".
  std::vector<std::string> names;
};

/// `corrupt` names the file and what is wrong: bytes that are no whole number of pictures, a label above 9.
result<cifar_pictures> read_cifar(const std::filesystem::path& file);

} // namespace chalkstream::pipelines::tools
