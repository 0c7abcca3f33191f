// Golden models that write, and what transformers predicts with them.
#pragma once

#include "models/generation/decoder.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::models::testing {

enum class backend : std::uint8_t { kernels, libtorch };
std::string name_of(backend by);

std::vector<std::string> generating_goldens();
/// Recurrent families run by the kernels alone.
std::vector<backend> backends_of(const std::string& model);
std::filesystem::path generating_golden(const std::string& model);

struct written_golden {
  /// Empty for families without an encoder, and for those whose sources are pictures.
  std::vector<std::int32_t> source;
  std::vector<std::int32_t> ids;
  /// A row for each of `ids`.
  std::vector<float> logits;
  /// Null for families whose sources are texts.
  std::shared_ptr<const picture> image = {};

  sequence as_source() const;
};

std::vector<written_golden> written_goldens(const std::string& model);

/// Null, and a failed test, if it cannot be made.
std::unique_ptr<const decoder> make_golden_decoder(const std::string& model, backend by,
                                                   std::size_t cache_bytes = 4u << 20);

std::unique_ptr<decoder_line> begin_line(const decoder& with, const written_golden& golden);

std::vector<float> advance_one(const decoder& with, decoder_line& line, std::span<const std::int32_t> ids);

} // namespace chalkstream::models::testing
