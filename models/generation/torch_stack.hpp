// One described stack in LibTorch's device-generic operations: everything of it but which keys and values a token
// sees, which is its owner's business. Rows are packed tokens.
#pragma once

#include "models/generation/stack_description.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace at {
class Tensor;
}
namespace c10 {
struct Device;
}

namespace chalkstream::models {

class torch_stack {
public:
  /// Copies the weights to `where` and releases their mapped pages. `output` (null: none) goes on from the stack's
  /// states.
  static result<torch_stack> load(const stack_description& description, const map_tensors* output,
                                  const tensor_archive& archive, const c10::Device& where,
                                  const std::function<void()>& layer_done);

  torch_stack(torch_stack&&) noexcept;
  torch_stack& operator=(torch_stack&&) noexcept;
  ~torch_stack();

  const stack_description& description() const noexcept;
  std::size_t bytes() const noexcept;

  /// [rows] ids and places in their lines to [rows, width] states.
  at::Tensor embed(const at::Tensor& ids, const at::Tensor& places) const;

  /// What distances add to scores: keys [1, 1, keys] seen from places [lines, tokens, 1] as [lines, heads, tokens,
  /// keys]; undefined if they add nothing.
  at::Tensor bias(const at::Tensor& places, const at::Tensor& keys) const;

  /// What tokens see of others: queries, keys and values of all rows, [rows, heads, head width], and the scale of the
  /// scores; answers [rows, heads * head width].
  using mix = std::function<at::Tensor(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                                       double scale)>;
  at::Tensor self_attention(std::size_t layer, const at::Tensor& states, const at::Tensor& places,
                            const mix& see) const;

  using mix_source = std::function<at::Tensor(const at::Tensor& queries, double scale)>;
  at::Tensor cross_attention(std::size_t layer, const at::Tensor& states, const mix_source& see) const;

  /// Keys and values of a source's states for a layer's cross-attention.
  std::pair<at::Tensor, at::Tensor> source_keys(std::size_t layer, const at::Tensor& states) const;

  at::Tensor feed_forward(std::size_t layer, const at::Tensor& states) const;
  at::Tensor final_norm(const at::Tensor& states) const;
  at::Tensor output(const at::Tensor& states) const;

private:
  struct weights;
  explicit torch_stack(std::unique_ptr<weights> read);

  std::unique_ptr<weights> weights_;
};

} // namespace chalkstream::models
