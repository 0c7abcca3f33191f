// The computation of a net that reads lines in LibTorch's device-generic operations. line_reader runs it without
// gradients; training/ differentiates it.
#pragma once

#include "core/model.hpp"
#include "models/device.hpp"
#include "models/reading/line_description.hpp"
#include "models/safetensors.hpp"
#include "models/vision/nets/named_layers.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace chalkstream::models::reading {

/// Lines as one tensor, the widest first; a narrower one goes on as its last column is.
struct line_batch {
  std::vector<std::size_t> order;  // of the lines, in the caller's batch
  std::vector<std::int64_t> steps; // of order[i]
  /// [lines, 1, height, columns], 0 to 1 brought to −1 to 1.
  std::shared_ptr<at::Tensor> pixels;
};

/// Grey pictures of line_height, columns_a_step to widest_line wide. Throws what LibTorch throws.
line_batch batch_of(std::span<const picture* const> lines, const device& where);

class line_layers {
public:
  line_layers(const line_description& net, const tensor_archive& archive, const device& where);

  /// [lines, steps of the widest, classes]: logarithms of probabilities in float32; behind a line's own steps they
  /// mean nothing. Throws what LibTorch throws.
  at::Tensor logs(const line_batch& batch, nets::norms how) const;

  const nets::named_layers& layers() const noexcept { return layers_; }

private:
  line_description net_;
  nets::named_layers layers_;
};

} // namespace chalkstream::models::reading
