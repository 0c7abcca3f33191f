// Tesseract behind core's model port: a picture in, a reading out.
#pragma once

#include "core/model.hpp"
#include "models/printed/engine_pool.hpp"

#include <memory>
#include <span>
#include <utility>

namespace chalkstream::printed {

/// Sequences are pictures of any size; the output has a reading for each and no rows.
class printed_model final : public model {
public:
  printed_model(std::unique_ptr<engine_pool> engines, std::shared_ptr<const model_identity> identity)
      : engines_(std::move(engines)), identity_(std::move(identity)) {}

  std::shared_ptr<const model_identity> identity() const override { return identity_; }
  std::size_t max_tokens() const noexcept override;
  std::size_t output_width() const noexcept override { return 0; }

  /// invalid_argument for a sequence that is no picture, or one that is too large; out_of_memory; internal with what
  /// an engine threw.
  result<output_rows> run(std::span<const sequence* const> batch, crew* helpers) const override;

private:
  std::unique_ptr<engine_pool> engines_;
  std::shared_ptr<const model_identity> identity_;
};

} // namespace chalkstream::printed
