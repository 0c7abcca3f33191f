// The texts that one record asks a model to write, from the first room taken to the last token.
#pragma once

#include "core/model.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace chalkstream {

/// One owner at a time, from any thread. What it holds of the model's room goes back text by text as they finish, the
/// rest when it is destroyed.
class writings {
public:
  /// Begins, in their order, those of `prompts` for which there is room; call it again with the same ones for the
  /// rest. invalid_argument names a prompt that can never be served, or as model::begin has it.
  result<void> begin(const model& by, std::span<const sequence> prompts);

  /// Whether a step has something to do.
  bool under_way() const noexcept { return !open_.empty(); }
  std::size_t begun() const noexcept { return texts_.size(); }

  /// Tokens the next step computes, and the texts it goes on with: at most one token each is written.
  std::size_t next_tokens() const noexcept;
  std::size_t open() const noexcept { return open_.size(); }

  /// Adds what is under way to a step's batch.
  void add_to(std::vector<writing*>& batch) const;

  /// Whether none of it has had a step yet.
  bool fresh() const noexcept { return fresh_; }

  /// After a step: keeps what finished and gives its room back. Returns how many did.
  std::size_t collect();

  /// By prompt. All of them must have begun and nothing may be under way.
  std::vector<written_text> take() { return std::move(texts_); }

private:
  std::vector<written_text> texts_; // of every prompt begun; empty until it finished
  std::vector<std::pair<std::size_t, std::unique_ptr<writing>>> open_; // with its prompt's index
  bool fresh_ = true;
};

} // namespace chalkstream
