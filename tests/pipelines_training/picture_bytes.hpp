// Files of pictures as the forms that train reads have them, made by the tests.
#pragma once

#include "pipelines/tools/training/images/picture_set.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chalkstream::pipelines::tools {

/// An IDX file of bytes with these sizes.
std::string idx_bytes(const std::vector<std::uint32_t>& sizes, std::string_view content);

std::string gzipped(std::string_view bytes);

/// A zip archive of these entries, stored or deflated.
std::string zip_bytes(const std::vector<std::pair<std::string, std::string>>& entries, bool deflate);

/// A picture of CIFAR-10: each plane has one value.
std::string cifar_record(std::uint8_t label, std::uint8_t red, std::uint8_t green, std::uint8_t blue);

/// An image file, all of one colour.
std::string plain_picture(std::uint8_t width, std::uint8_t height, std::uint8_t red, std::uint8_t green,
                          std::uint8_t blue);

} // namespace chalkstream::pipelines::tools
