// The operations of an LSTM sequence to sequence in LibTorch, for a batch of sources and the lines they should
// become.
#pragma once

#include "models/generation/placed_tensors.hpp"
#include "models/generation/recurrent_description.hpp"
#include "models/training/trainable_writer.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace chalkstream::models::training {

class lstm_network {
public:
  /// Takes the weights from `tensors`. `start` stands before every line.
  static result<lstm_network> load(const recurrent_description& description, placed_tensors& tensors,
                                   const c10::Device& where, std::int32_t start);

  lstm_network(lstm_network&&) noexcept;
  lstm_network& operator=(lstm_network&&) noexcept;
  ~lstm_network();

  const recurrent_description& description() const noexcept;

  /// Attentional states of all target tokens [tokens, width], and what should be said from each [tokens].
  std::pair<at::Tensor, at::Tensor> states(std::span<const writing_example> batch, double dropout) const;

  /// From those to logits.
  at::Tensor output(const at::Tensor& states) const;

private:
  struct parts;
  explicit lstm_network(std::unique_ptr<parts> made);
  std::unique_ptr<parts> parts_;
};

} // namespace chalkstream::models::training
