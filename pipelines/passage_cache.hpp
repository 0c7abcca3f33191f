// Passages' vectors and graphs in a file, so that the next start need not embed them again: a million passages take
// hours on a processor, and seconds to read.
//
// The file: "chalkstream passages 1\n", the key and a newline; how many rows and how wide they are; the rows in the
// passages' order; for each graph how many numbers it has, and those; SHA-256 over all of that. Numbers are as the
// machine writes them (32 bits, counts 64), the key says which way round that is.
#pragma once

#include "core/error.hpp"
#include "education/vector_index.hpp"
#include "pipelines/passage_index.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace chalkstream::pipelines {

/// What vectors depend on: 64 hex digits made of the model's digest and length, the material's bytes, the length of a
/// passage and this build's way of cutting and linking.
std::string passages_key(std::string_view model_digest, std::size_t max_tokens, std::string_view material,
                         std::size_t passage_length);

/// not_found if there is no file; `corrupt` says why it is not one with this key, for this material, as it was
/// written.
result<passage_index> load_passages(const std::filesystem::path& file, std::string_view key,
                                    std::shared_ptr<const education::course_material> material,
                                    const education::vector_index_settings& settings = {});

/// Writes it beside its place and moves it there, so that nobody ever reads half a file.
result<void> save_passages(const std::filesystem::path& file, std::string_view key, const passage_index& index);

} // namespace chalkstream::pipelines
