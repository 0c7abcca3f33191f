// The files and pictures of goldens/, and what Pillow made of them; goldens/make_goldens.py says how.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/model.hpp"
#include "tests/support/golden_numbers.hpp"

namespace chalkstream::image {

using json = nlohmann::ordered_json;

inline const std::filesystem::path goldens = "tests/image/goldens";

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::span<const std::byte> as_file(const std::string& bytes) {
  return std::as_bytes(std::span(bytes));
}

inline json read_golden(const char* name) {
  return json::parse(bytes_of(goldens / name));
}

inline std::uint32_t sum_of(const void* bytes, std::size_t count) {
  test::checksum sum;
  sum.add({static_cast<const char*>(bytes), count});
  return sum.value();
}

/// All files, by name.
inline std::vector<std::string> golden_files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(goldens / "files"))
    names.push_back(entry.path().filename().string());
  return names;
}

/// Slopes, with noise or hard edges; make_goldens.py has the same.
inline picture made_picture(std::uint64_t seed, std::size_t width, std::size_t height, std::size_t channels) {
  test::random_numbers random(seed);
  std::vector<std::uint64_t> slope;
  for (std::size_t i = 0; i < 2 * channels; ++i)
    slope.push_back(random.below(9));
  const auto kind = random.below(3);
  picture made{width, height, channels, {}};
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t c = 0; c < channels; ++c) {
        auto value = x * slope[2 * c] + y * slope[2 * c + 1];
        if (kind == 1)
          value = random.below(256);
        else if (kind == 2)
          value = (value >> 5) & 1 ? 255 : random.below(16);
        made.values.push_back(static_cast<std::uint8_t>(value));
      }
  return made;
}

} // namespace chalkstream::image
