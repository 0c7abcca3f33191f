// The head of a safetensors file, held against the size of the file; internal to models/safetensors.
#pragma once

#include "models/safetensors.hpp"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::models {

/// The tensors of a file whose bytes are `content`, which must outlive them, in the order of the head. `file` is for
/// messages alone. Errors are `corrupt` or `unsupported`.
result<std::vector<tensor_view>> read_header(const std::filesystem::path& file, std::span<const std::byte> content);

error corrupt_archive(const std::filesystem::path& file, const std::string& what);

/// A name out of the file, cut to 200 bytes and without control characters.
std::string in_quotes(std::string_view name);

} // namespace chalkstream::models
