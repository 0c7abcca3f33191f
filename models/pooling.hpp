// From the states of a text's tokens to one vector, as sentence-transformers' modules.json says: Transformer,
// Pooling, then any of Dense and Normalize. Without modules.json: the mean, normalised.
#pragma once

#include "core/error.hpp"
#include "models/kernels/kernels.hpp"
#include "models/packed_weights.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace chalkstream::models {

enum class pooling_mode : std::uint8_t { first_token, maximum, mean, mean_by_root_length };

/// A Dense module: x W^T + b, then an activation. Its weights are small and read when the directory is inspected.
struct dense_step {
  std::size_t in = 0;
  std::size_t out = 0;
  std::vector<float> weight;
  std::vector<float> bias;
  kernels::activation act = kernels::activation::tanh;
};

/// Where Normalize stands among the Dense modules matters, so both are steps.
struct pooling_step {
  bool normalise = false;
  dense_step dense;
};

struct pooling_description {
  /// Concatenated in this order.
  std::vector<pooling_mode> modes{pooling_mode::mean};
  std::vector<pooling_step> steps{{true, {}}};
};

/// `unsupported` names a module, mode or setting this build does not know; widths are checked against the encoder's.
result<pooling_description> read_pooling(const std::filesystem::path& directory, std::size_t encoder_width);

/// Ready to compute; immutable.
class pooler {
public:
  pooler(const pooling_description& description, std::size_t encoder_width, const kernels::kernel_table& table);

  std::size_t output_width() const noexcept { return output_width_; }

  /// `states` are rows of the encoder's width; `out` has output_width() floats.
  void pool(std::span<const float> states, std::span<float> out) const;

private:
  struct step {
    bool normalise;
    packed_weights dense;
    kernels::activation act;
  };

  void pool_modes(std::span<const float> states, std::vector<float>& vector) const;

  const kernels::kernel_table& table_;
  std::size_t encoder_width_;
  std::size_t output_width_;
  std::vector<pooling_mode> modes_;
  std::vector<step> steps_;
};

} // namespace chalkstream::models
