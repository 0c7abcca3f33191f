// A decoder's lines and sources as tables of blocks, and what every decoder does alike with them.
#pragma once

#include "models/generation/block_pool.hpp"
#include "models/generation/decoder.hpp"
#include "models/generation/stack_description.hpp"
#include "models/kernels/kernels.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace chalkstream::models {

/// Blocks of `tokens` tokens.
constexpr std::size_t blocks_of(std::size_t tokens) noexcept {
  return tokens / kernels::cache_block + (tokens % kernels::cache_block != 0 ? 1 : 0);
}

/// A run of cached tokens that owns its blocks, alone or with others.
class block_table {
public:
  explicit block_table(std::shared_ptr<block_pool> pool) : pool_(std::move(pool)) {}
  ~block_table();
  block_table(const block_table& other);
  block_table& operator=(const block_table&) = delete;

  const block_pool& pool() const noexcept { return *pool_; }
  std::span<const std::uint32_t> blocks() const noexcept { return blocks_; }

  /// Copies block `from` over block `to`.
  using copy = std::function<void(std::uint32_t from, std::uint32_t to)>;

  /// Makes tokens [length, length + more) writable: takes blocks for them, and a copy of the block they begin in if
  /// it is shared. Throws std::bad_alloc if the pool has none; may then be called again.
  void make_room(std::size_t length, std::size_t more, const copy& copy_block);

private:
  std::shared_ptr<block_pool> pool_;
  std::vector<std::uint32_t> blocks_;
};

/// Keys and values that cross-attention sees; immutable once written.
struct cached_source {
  block_table table;
  std::size_t length = 0;
};

class cached_line final : public decoder_line {
public:
  cached_line(std::shared_ptr<block_pool> pool, std::shared_ptr<const cached_source> read)
      : table(std::move(pool)), source(std::move(read)) {}

  std::size_t length() const noexcept override { return tokens; }
  std::unique_ptr<decoder_line> fork() const override;

  block_table table;
  std::size_t tokens = 0;
  /// Null if the decoder has no encoder.
  std::shared_ptr<const cached_source> source;

private:
  cached_line(const cached_line&) = default;
};

/// What a decoder promises about its cache and its inputs, whatever computes it.
class cached_decoder : public decoder {
public:
  struct limits {
    limits() = default;
    explicit limits(const generator_description& description);

    std::size_t vocabulary = 0;
    std::size_t positions = 0;
    /// 0: no encoder.
    std::size_t source_vocabulary = 0;
    std::size_t source_positions = 0;
    /// Absent: sources are texts.
    std::optional<vision::picture_form> pictures;
    /// A line is a state of one block, however long it is; else it is keys and values of all its tokens.
    bool recurrent = false;
  };

  cached_decoder(const limits& known, std::size_t blocks)
      : limits_(known), pool_(std::make_shared<block_pool>(blocks)) {}

  std::size_t vocabulary() const noexcept override { return limits_.vocabulary; }
  std::size_t positions() const noexcept override { return limits_.positions; }
  std::size_t source_positions() const noexcept override { return limits_.source_positions; }
  const vision::picture_form* pictures() const noexcept override {
    return limits_.pictures ? &*limits_.pictures : nullptr;
  }
  std::size_t reserve(std::size_t lines, std::size_t longest, std::size_t source) const override;
  void release(std::size_t blocks) const noexcept override { pool_->release(blocks); }
  std::size_t blocks() const noexcept override { return pool_->size(); }
  std::size_t blocks_for(std::size_t lines, std::size_t longest, std::size_t source) const noexcept override;
  std::size_t blocks_taken() const noexcept override { return pool_->taken(); }

protected:
  /// Throws std::invalid_argument for sources this decoder cannot take.
  void check(std::span<const sequence* const> sources) const;

  /// The lines of these inputs with room for their tokens. Throws std::invalid_argument before anything is changed
  /// (a line of another decoder, or the same twice, no tokens, an id outside the vocabulary, more tokens than positions, logits of
  /// another size), std::bad_alloc if the pool is exhausted.
  std::vector<cached_line*> prepare(std::span<const input> inputs, std::span<const float> logits,
                                    const block_table::copy& copy_block) const;

  const std::shared_ptr<block_pool>& pool() const noexcept { return pool_; }

private:
  limits limits_;
  std::shared_ptr<block_pool> pool_;
};

} // namespace chalkstream::models
