// core's model port over an exported program: checks what comes in, makes rectangles of it, takes out what comes out,
// and is the boundary where exceptions end.
#pragma once

#include "core/model.hpp"
#include "models/exported/program.hpp"
#include "models/exported/rectangles.hpp"
#include "models/pooling.hpp"
#include "models/sequence_limits.hpp"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace chalkstream::models {

/// Unlike every other model it pads: a program takes rectangles. A row does not depend on its neighbours as far as
/// the program keeps to its mask; the last bits may, as matrices of other sizes are multiplied in another order.
class exported_model final : public model {
public:
  struct parts {
    std::shared_ptr<const model_identity> identity;
    exported_program described;
    std::unique_ptr<const program> compute;
  };

  /// Runs the program at its longest, with the largest id and token type that are said to exist: what it gives must
  /// have the shape that its output is said to have, and as many columns as there are labels. invalid_configuration
  /// otherwise.
  static result<std::shared_ptr<const exported_model>> make(parts made);

  std::shared_ptr<const model_identity> identity() const override { return parts_.identity; }
  std::size_t max_tokens() const noexcept override { return parts_.described.max_tokens; }
  std::size_t output_width() const noexcept override { return pooling_ ? pooling_->output_width() : width_; }
  bool row_per_token() const noexcept override;

  /// As packed_model::run; `corrupt` also where the program gives another shape than it did when it was loaded.
  result<output_rows> run(std::span<const sequence* const> batch, crew* helpers) const override;

private:
  explicit exported_model(parts made);

  result<void> probe();
  result<output_rows> compute(std::span<const sequence* const> batch) const;
  result<std::vector<program_result>> run_rectangle(std::span<const sequence* const> batch,
                                                    const rectangle& shape) const;
  result<void> check_shape(std::span<const program_result> given, const rectangle& shape) const;
  /// The rows of the sequence in that row of the rectangle.
  void take(std::span<const program_result> given, const rectangle& shape, std::size_t row, std::span<float> out,
            std::size_t tokens) const;

  parts parts_;
  sequence_limits limits_;
  rectangle_rules rules_;
  std::size_t width_ = 0; // of what comes out; 0 until it has been seen
  std::optional<pooler> pooling_;
};

} // namespace chalkstream::models
