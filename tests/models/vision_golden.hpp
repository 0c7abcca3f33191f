// The vision models under tests/models/goldens/vision, and what they are given.
#pragma once

#include "core/model.hpp"
#include "models/vision/network.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace chalkstream::models::testing {

struct vision_case {
  sequence input;
  std::vector<float> embedding;
  /// Empty for a model without a head.
  std::vector<float> logits;
  /// To each of the golden's texts; empty for a model without a tower for them.
  std::vector<float> similarity = {};
  /// Of a model that finds regions, whose images have sizes of their own.
  std::vector<float> regions = {};
};

struct text_case {
  sequence input;
  std::vector<float> embedding;
};

struct vision_golden {
  std::filesystem::path directory;
  vision::image_input input;
  std::vector<vision_case> cases;
  std::vector<text_case> texts = {};
};

/// `name` is below goldens/vision, or with its folder: "regions/detr".
vision_golden read_vision_golden(const std::string& name);

/// As goldens write bytes.
std::vector<std::uint8_t> bytes_of(const std::string& hexadecimal);

/// One image of these sizes, every value `value`.
sequence even_image(std::size_t width, std::size_t height, std::size_t channels, std::uint8_t value);

} // namespace chalkstream::models::testing
