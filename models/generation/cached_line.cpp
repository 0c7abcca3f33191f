#include "models/generation/cached_line.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

namespace chalkstream::models {
namespace {

void check_ids(std::span<const std::int32_t> ids, std::size_t vocabulary) {
  if (ids.empty())
    throw std::invalid_argument("no tokens");
  for (const auto id : ids)
    if (id < 0 || static_cast<std::size_t>(id) >= vocabulary)
      throw std::invalid_argument("token id " + std::to_string(id) + " is outside the vocabulary of "
                                  + std::to_string(vocabulary));
}

// As many as they may be, no sum of sizes overflows.
std::size_t product(std::size_t a, std::size_t b) noexcept {
  constexpr auto most = std::numeric_limits<std::size_t>::max() / 2;
  return b != 0 && a > most / b ? most : a * b;
}

} // namespace

block_table::block_table(const block_table& other) : pool_(other.pool_), blocks_(other.blocks_) {
  for (const auto block : blocks_)
    pool_->share(block);
}

block_table::~block_table() {
  for (const auto block : blocks_)
    pool_->give_back(block);
}

void block_table::make_room(std::size_t length, std::size_t more, const copy& copy_block) {
  blocks_.reserve(blocks_of(length + more));
  // Whole blocks before that are only read from here on, so they may stay shared.
  for (auto i = length / kernels::cache_block; i < blocks_.size(); ++i) {
    if (pool_->exclusive(blocks_[i]))
      continue;
    const auto own = pool_->take();
    copy_block(blocks_[i], own);
    pool_->give_back(blocks_[i]);
    blocks_[i] = own;
  }
  while (blocks_.size() < blocks_of(length + more))
    blocks_.push_back(pool_->take());
}

std::unique_ptr<decoder_line> cached_line::fork() const {
  return std::unique_ptr<decoder_line>(new cached_line(*this));
}

cached_decoder::limits::limits(const generator_description& d)
    : vocabulary(d.decoder.vocabulary), positions(d.decoder.positions),
      source_vocabulary(d.encoder ? d.encoder->vocabulary : 0),
      source_positions(d.encoder ? d.encoder->positions : 0) {
  if (!d.pictures)
    return;
  source_positions = d.pictures->cost.last_tokens;
  pictures = vision::picture_form{d.pictures->input.size, d.pictures->input.channels};
}

std::size_t cached_decoder::reserve(std::size_t lines, std::size_t longest, std::size_t source) const {
  const auto wanted = blocks_for(lines, longest, source);
  return pool_->reserve(wanted) ? wanted : 0;
}

std::size_t cached_decoder::blocks_for(std::size_t lines, std::size_t longest, std::size_t source) const noexcept {
  const auto of_source = limits_.source_positions == 0 ? 0 : blocks_of(source);
  return std::max<std::size_t>(1, product(lines, limits_.recurrent ? 1 : blocks_of(longest)) + of_source);
}

void cached_decoder::check(std::span<const sequence* const> sources) const {
  for (const auto* source : sources) {
    if ((source == nullptr) != (limits_.source_positions == 0))
      throw std::invalid_argument(source == nullptr ? "this decoder needs a source" : "this decoder has no encoder");
    if (source == nullptr)
      continue;
    if (limits_.pictures) {
      if (const auto fits = vision::check_picture(*source, *limits_.pictures); !fits)
        throw std::invalid_argument(fits.error().message);
      continue;
    }
    check_ids(source->ids, limits_.source_vocabulary);
    if (source->ids.size() > limits_.source_positions)
      throw std::invalid_argument("a source has " + std::to_string(source->ids.size()) + " tokens; the model takes "
                                  + std::to_string(limits_.source_positions));
  }
}

std::vector<cached_line*> cached_decoder::prepare(std::span<const input> inputs, std::span<const float> logits,
                                                  const block_table::copy& copy_block) const {
  if (logits.size() != inputs.size() * limits_.vocabulary)
    throw std::invalid_argument("room for " + std::to_string(logits.size()) + " logits of "
                                + std::to_string(inputs.size()) + " lines");
  std::vector<cached_line*> lines;
  for (const auto& each : inputs) {
    auto* line = dynamic_cast<cached_line*>(each.line);
    if (line == nullptr || &line->table.pool() != pool_.get())
      throw std::invalid_argument("a line is not one of this decoder");
    check_ids(each.ids, limits_.vocabulary);
    if (each.ids.size() > limits_.positions || line->tokens > limits_.positions - each.ids.size())
      throw std::invalid_argument("a line of " + std::to_string(line->tokens) + " tokens cannot grow by "
                                  + std::to_string(each.ids.size()) + "; the model takes "
                                  + std::to_string(limits_.positions));
    lines.push_back(line);
  }
  auto sorted = lines;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    throw std::invalid_argument("a line is to grow twice in one step");
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (limits_.recurrent)
      lines[i]->table.make_room(0, 1, copy_block);
    else
      lines[i]->table.make_room(lines[i]->tokens, inputs[i].ids.size(), copy_block);
  }
  return lines;
}

} // namespace chalkstream::models
