// A decoder whose logits are a hash of what a line holds, and of its source if it has one. Its cache is counted in
// blocks of four tokens.
#pragma once

#include "models/generation/decoder.hpp"
#include "tests/generation/hash_model.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <vector>

namespace chalkstream::models::testing {

class fake_decoder final : public decoder {
public:
  struct settings {
    std::size_t positions = 64;
    std::size_t source_positions = 0;
    std::size_t blocks = 1000;
  };

  explicit fake_decoder(settings with) : with_(with) {}

  std::size_t vocabulary() const noexcept override { return hash_vocabulary; }
  std::size_t positions() const noexcept override { return with_.positions; }
  std::size_t source_positions() const noexcept override { return with_.source_positions; }
  std::size_t blocks() const noexcept override { return with_.blocks; }
  std::size_t blocks_for(std::size_t lines, std::size_t longest, std::size_t source) const noexcept override {
    return lines * ((longest + 3) / 4) + (source + 3) / 4;
  }

  std::size_t reserve(std::size_t lines, std::size_t longest, std::size_t source) const override {
    const auto wanted = blocks_for(lines, longest, source);
    const std::lock_guard guard(mutex_);
    if (taken_ + wanted > with_.blocks)
      return 0;
    taken_ += wanted;
    return wanted;
  }

  void release(std::size_t blocks) const noexcept override {
    const std::lock_guard guard(mutex_);
    taken_ -= blocks;
  }

  std::vector<std::unique_ptr<decoder_line>> begin(std::span<const sequence* const> sources) const override {
    encoded_ += sources.size();
    std::vector<std::unique_ptr<decoder_line>> begun;
    for (const auto* source : sources) {
      auto made = std::make_unique<line>(lines_);
      if (source != nullptr)
        for (const auto id : source->ids)
          made->source = made->source * 31 + static_cast<std::uint32_t>(id);
      begun.push_back(std::move(made));
    }
    return begun;
  }

  void advance(std::span<const input> inputs, std::span<float> logits) const override {
    ++passes_;
    if (on_pass)
      on_pass();
    auto to = logits.begin();
    for (const auto& each : inputs) {
      auto& l = dynamic_cast<line&>(*each.line);
      l.ids.insert(l.ids.end(), each.ids.begin(), each.ids.end());
      to = std::copy_n(row_behind(l.ids, l.source).begin(), hash_vocabulary, to);
      if (spoils(l.ids))
        *(to - 1) = std::numeric_limits<float>::quiet_NaN();
    }
  }

  static std::vector<float> row_behind(std::span<const std::int32_t> ids, std::uint32_t source) {
    if (source == 0)
      return hash_logits(ids);
    std::vector<std::int32_t> mixed(ids.begin(), ids.end());
    mixed.back() += static_cast<std::int32_t>(source % 1000) * 24;
    return hash_logits(mixed);
  }

  // -- the script
  std::function<void()> on_pass = {};
  std::function<bool(std::span<const std::int32_t>)> spoils = [](auto) { return false; };

  // -- what happened
  std::size_t taken() const {
    const std::lock_guard guard(mutex_);
    return taken_;
  }
  std::size_t passes() const { return passes_; }
  std::size_t encoded() const { return encoded_; }
  /// Lines in existence.
  std::size_t lines() const { return *lines_; }

private:
  struct line final : decoder_line {
    explicit line(std::shared_ptr<std::atomic<std::size_t>> all) : counted(std::move(all)) { ++*counted; }
    line(const line& other) : ids(other.ids), source(other.source), counted(other.counted) { ++*counted; }
    ~line() override { --*counted; }
    std::size_t length() const noexcept override { return ids.size(); }
    std::unique_ptr<decoder_line> fork() const override { return std::make_unique<line>(*this); }

    std::vector<std::int32_t> ids;
    std::uint32_t source = 0;
    std::shared_ptr<std::atomic<std::size_t>> counted;
  };

  settings with_;
  mutable std::mutex mutex_;
  mutable std::size_t taken_ = 0;
  mutable std::atomic<std::size_t> passes_ = 0;
  mutable std::atomic<std::size_t> encoded_ = 0;
  std::shared_ptr<std::atomic<std::size_t>> lines_ = std::make_shared<std::atomic<std::size_t>>(0);
};

} // namespace chalkstream::models::testing
