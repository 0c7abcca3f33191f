// How the tokens of one text are chosen. A search sees rows of logits and says how its lines go on; it knows no
// model.
#pragma once

#include "core/generation.hpp"
#include "models/generation/search_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace chalkstream::models {

/// A line of the next step: one of the present lines (several may go on from the same) and the token it goes on with.
struct continuation {
  std::size_t line = 0;
  std::int32_t token = 0;
};

class token_search {
public:
  virtual ~token_search() = default;

  /// One row of the vocabulary for each present line, in their order: at first one line, behind the prompt, then as
  /// many as advance() returned last. The rows are changed. Returns the lines of the next step, valid until the next
  /// call; none when the search is over.
  virtual std::span<const continuation> advance(std::span<float> logits) = 0;

  virtual bool finished() const noexcept = 0;

  /// What was written. The search must be finished.
  virtual written_text take() = 0;
};

/// The most probable token at each step, or one drawn, on one line.
std::unique_ptr<token_search> make_line_search(search_plan plan);

/// Beam search, or beam sampling.
std::unique_ptr<token_search> make_beam_search(search_plan plan);

/// Whichever the plan asks for.
std::unique_ptr<token_search> make_search(search_plan plan);

} // namespace chalkstream::models
