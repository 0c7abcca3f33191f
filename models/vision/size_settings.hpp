// Sizes as vision models state them in config.json. Every error names the file, the key and the value.
#pragma once

#include "models/document.hpp"
#include "models/vision/network.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace chalkstream::models::vision {

/// A number for both, or [height, width]; each between 1 and `limit`.
result<extent> read_extent(const settings& configuration, std::string_view key, std::size_t fallback,
                           std::size_t limit);

/// A list of 1 to 16 numbers, each between 1 and `limit`.
result<std::vector<std::size_t>> read_list(const settings& configuration, std::string_view key,
                                           std::vector<std::size_t> fallback, std::size_t limit);

/// The same, of as many as `stages`.
result<std::vector<std::size_t>> read_list(const settings& configuration, std::string_view key,
                                           std::vector<std::size_t> fallback, std::size_t limit, std::size_t stages);

/// A number above 0 and at most `limit`.
result<double> read_factor(const settings& configuration, std::string_view key, double fallback, double limit);

/// "224x160", width first.
std::string to_string(const extent& of);

} // namespace chalkstream::models::vision
