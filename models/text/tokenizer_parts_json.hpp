// The sections of tokenizer.json, each read into the plain description of its part. Errors as read_tokenizer_json's.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "core/error.hpp"
#include "models/text/decoder.hpp"
#include "models/text/json_section.hpp"
#include "models/text/normalizer.hpp"
#include "models/text/post_processor.hpp"
#include "models/text/pre_tokenizer.hpp"
#include "models/text/token_model.hpp"

namespace chalkstream::text {

result<std::vector<normalizer_step>> read_normalizer(json_value value);
result<std::vector<pre_tokenizer_step>> read_pre_tokenizer(json_value value);
result<model_description> read_model(json_value value);
/// `vocabulary`: ids are below.
result<post_processor> read_post_processor(json_value value, std::size_t vocabulary);
result<std::vector<decoder_step>> read_decoder(json_value value);

/// An object of tokens and their ids: the tokens by id. An id is an index once all of them are known to be 0 to n-1,
/// each once: no allocation follows a number in the file.
result<std::vector<std::string>> read_vocabulary(json_value list, const std::string& where, const char* file);
/// The same of a file of its own, of at most `limit` bytes.
result<std::vector<std::string>> read_vocabulary_file(const std::filesystem::path& directory, const char* name,
                                                      std::size_t limit);
/// Of a Metaspace: prepend_scheme, or add_prefix_space as older files have it.
result<pre_tokenizer_step::prepend_scheme> read_prepend_scheme(const section& part);
/// "pattern" of a Split or Replace: {"String": …} or {"Regex": …}.
result<text_pattern> read_pattern(const section& part);

} // namespace chalkstream::text
