// core's model port over an encoder: checks what comes in, pools or classifies what comes out, and is the boundary
// where exceptions end.
#pragma once

#include "core/model.hpp"
#include "models/description.hpp"
#include "models/encoders/encoder.hpp"
#include "models/packed_weights.hpp"
#include "models/pooling.hpp"
#include "models/sequence_limits.hpp"

#include <memory>
#include <optional>
#include <span>

namespace chalkstream::models {

/// A trained head: its pooler, if it has one, and its classifier.
class classifier {
public:
  static result<classifier> make(const head_description& description, const kernels::kernel_table& table);

  head_kind kind() const noexcept { return kind_; }
  std::size_t output_width() const noexcept { return output_.out(); }
  std::size_t bytes() const noexcept { return (pooler_ ? pooler_->bytes() : 0) + output_.bytes(); }

  /// Rows of the encoder's width in, rows of output_width() out; a row does not depend on its neighbours.
  void classify(std::span<const float> states, std::span<float> logits) const;

private:
  const kernels::kernel_table* table_ = nullptr;
  head_kind kind_ = head_kind::text;
  std::optional<packed_weights> pooler_;
  packed_weights output_;
  kernels::activation pooler_activation_ = kernels::activation::tanh;
};

class packed_model final : public model {
public:
  struct parts {
    std::shared_ptr<const model_identity> identity;
    std::unique_ptr<const encoder> compute;
    sequence_limits limits;
    std::size_t width = 0;
    /// Exactly one of them.
    std::optional<pooler> pooling;
    std::optional<classifier> head;
  };

  explicit packed_model(parts made) : parts_(std::move(made)) {}

  std::shared_ptr<const model_identity> identity() const override { return parts_.identity; }
  std::size_t max_tokens() const noexcept override { return parts_.limits.positions; }
  bool row_per_token() const noexcept override { return parts_.head && parts_.head->kind() != head_kind::text; }
  std::size_t output_width() const noexcept override {
    return parts_.head ? parts_.head->output_width() : parts_.pooling->output_width();
  }

  /// invalid_argument for an empty or too long sequence, an id outside the vocabulary, or a wrong token type (which a
  /// model without token types does not look at);
  /// out_of_memory; `corrupt` if an output is not finite; internal with LibTorch's text.
  result<output_rows> run(std::span<const sequence* const> batch, crew* helpers) const override;
  bool takes_help() const noexcept override { return parts_.compute->takes_help(); }

private:
  result<output_rows> compute(std::span<const sequence* const> batch, crew* helpers) const;

  parts parts_;
};

} // namespace chalkstream::models
