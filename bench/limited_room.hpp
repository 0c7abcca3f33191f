// A model that lets in so many texts at a time, under either policy of batching, in front of one that writes.
#pragma once

#include "core/model.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace chalkstream::bench {

enum class batching {
  continuous,     // a text joins as soon as another has ended
  batch_at_a_time // a batch fills, then nobody joins until its last text has ended
};

class limited_room final : public model {
public:
  limited_room(std::shared_ptr<const model> of, std::size_t most, batching policy)
      : model_(std::move(of)), most_(most), policy_(policy) {}

  std::shared_ptr<const model_identity> identity() const override { return model_->identity(); }
  std::size_t max_tokens() const noexcept override { return model_->max_tokens(); }
  std::size_t output_width() const noexcept override { return model_->output_width(); }
  bool writes() const noexcept override { return true; }
  result<output_rows> run(std::span<const sequence* const> batch, crew* helpers) const override {
    return model_->run(batch, helpers);
  }

  result<std::unique_ptr<writing>> begin(const sequence& prompt) const override {
    if (!places_->take(most_, policy_))
      return std::unique_ptr<writing>();
    auto place = std::make_unique<guest>(places_);
    CHALK_TRY(place->text, model_->begin(prompt));
    return place->text ? std::unique_ptr<writing>(std::move(place)) : nullptr;
  }

  result<void> step(std::span<writing* const> batch) const override {
    std::vector<writing*> texts;
    for (auto* each : batch)
      texts.push_back(static_cast<guest*>(each)->text.get());
    steps_ += 1;
    lines_ += texts.size();
    return model_->step(texts);
  }

  std::size_t steps() const noexcept { return steps_; }
  /// Texts of all steps.
  std::size_t lines() const noexcept { return lines_; }

private:
  struct places {
    std::mutex guard;
    std::size_t open = 0;
    std::size_t joined = 0; // of the present batch

    bool take(std::size_t most, batching policy) {
      const std::lock_guard lock(guard);
      if ((policy == batching::continuous ? open : joined) == most)
        return false;
      ++open;
      ++joined;
      return true;
    }

    void leave() {
      const std::lock_guard lock(guard);
      if (--open == 0)
        joined = 0;
    }
  };

  struct guest final : writing {
    explicit guest(std::shared_ptr<places> in) : of(std::move(in)) {}
    ~guest() override { of->leave(); }

    bool finished() const noexcept override { return text->finished(); }
    std::size_t next_tokens() const noexcept override { return text->next_tokens(); }
    written_text take() override { return text->take(); }

    std::shared_ptr<places> of;
    std::unique_ptr<writing> text;
  };

  std::shared_ptr<const model> model_;
  std::size_t most_;
  batching policy_;
  std::shared_ptr<places> places_ = std::make_shared<places>();
  mutable std::atomic<std::size_t> steps_{0};
  mutable std::atomic<std::size_t> lines_{0};
};

} // namespace chalkstream::bench
