// From an encoder's states to logits and their loss.
#pragma once

#include "models/encoders/torch_layers.hpp"
#include "models/training/trainable_encoder.hpp"

#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace chalkstream::models::training {

class learning_head {
public:
  /// Throws what LibTorch throws.
  learning_head(const head_description& description, const tensor_archive& archive, const device& where,
                objective learns, std::span<const double> label_weights);
  ~learning_head();

  /// Rows of outputs as they are meant, and their loss, summed over the batch. The rows in the order of `packed`.
  std::pair<at::Tensor, at::Tensor> apply(const at::Tensor& states, const packed_batch& packed,
                                          std::span<const training_example> batch,
                                          std::span<const score_scale> scales, double dropout) const;

  const std::vector<layer_tensor>& tensors() const noexcept;

  /// The tensor as a file has it: the classifier's with the scales in it, any other as it is.
  at::Tensor for_outputs(const layer_tensor& tensor, std::span<const score_scale> scales) const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace chalkstream::models::training
