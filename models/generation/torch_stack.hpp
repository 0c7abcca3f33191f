// One described stack in LibTorch's device-generic operations: everything of it but which keys and values a token
// sees, which is its owner's business. Rows are packed tokens. torch_decoder runs it without gradients; training/
// differentiates it.
#pragma once

#include "models/generation/placed_tensors.hpp"
#include "models/generation/stack_description.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace chalkstream::models {

/// How a stack learns. Shares of its states are set to zero, drawn from LibTorch's generator of the device; those of
/// attention are its owner's business.
struct stack_learning {
  double embeddings = 0; // behind their norm
  double blocks = 0;     // what attention and feed-forward add
  double activation = 0; // within feed-forward
  double output = 0;     // behind the final norm
  /// The word whose row does not learn from where it stands in a text; negative: none.
  std::int64_t padding = -1;
};

class torch_stack {
public:
  /// Takes the weights from `tensors`. `output` (null: none) goes on from the stack's states.
  static result<torch_stack> load(const stack_description& description, const map_tensors* output,
                                  placed_tensors& tensors, const std::function<void()>& layer_done);

  torch_stack(torch_stack&&) noexcept;
  torch_stack& operator=(torch_stack&&) noexcept;
  ~torch_stack();

  const stack_description& description() const noexcept;

  /// From now on; a stack that was never told does not learn.
  void learn_as(const stack_learning& how);

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
