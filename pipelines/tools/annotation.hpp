// Pages with what was read on them, for a person who would rather look than read: thumbnails with a frame around each
// line and how sure its reader was, from red to green.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "core/outcome.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace chalkstream::pipelines::tools {

/// The page at most 1,000 pixels long, with its lines' frames and confidences (per cent) drawn in. RGB.
picture annotated(const picture& page, const recognised_page& read);

/// "000012-scan-1-p2.png": the number of its line, its id as far as that may stand in a file's name, its page from 1.
std::string annotation_name(std::size_t line, std::string_view id, std::size_t page);

/// Writes it as PNG. io with the file's name.
result<void> write_annotation(const std::filesystem::path& file, const picture& page, const recognised_page& read);

} // namespace chalkstream::pipelines::tools
