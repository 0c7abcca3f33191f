#include "models/generation/writing_model.hpp"

#include "models/generation/token_search.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace chalkstream::models {
namespace {

using lines = std::vector<std::unique_ptr<decoder_line>>;

// A longer prompt is read in several steps, between which the slot may go to what is more urgent.
constexpr std::size_t prompt_tokens_a_step = 128;

// Room in a decoder's cache; what it was taken for must be gone before it is.
class cache_room {
public:
  explicit cache_room(std::shared_ptr<const decoder> of) : decoder_(std::move(of)) {}
  ~cache_room() {
    if (blocks_ > 0)
      decoder_->release(blocks_);
  }
  cache_room(const cache_room&) = delete;
  cache_room& operator=(const cache_room&) = delete;

  /// False if there is none at present.
  bool take(std::size_t lines, std::size_t longest, std::size_t source) {
    blocks_ = decoder_->reserve(lines, longest, source);
    return blocks_ > 0;
  }

private:
  std::shared_ptr<const decoder> decoder_;
  std::size_t blocks_ = 0;
};

class open_writing final : public writing {
public:
  open_writing(std::unique_ptr<cache_room> room, sequence source, std::vector<std::int32_t> prompt,
               std::unique_ptr<token_search> search)
      : room_(std::move(room)), source_(std::move(source)), next_ids_(std::move(prompt)), search_(std::move(search)) {
  }

  bool finished() const noexcept override { return search_->finished(); }
  std::size_t next_tokens() const noexcept override { return source_.tokens() + std::max<std::size_t>(1, lines_.size()) * next_each(); }
  written_text take() override { return search_->take(); }

  bool begun() const noexcept { return !lines_.empty(); }
  /// Null where the model has no encoder.
  const sequence* source() const noexcept {
    return source_.ids.empty() && source_.image == nullptr ? nullptr : &source_;
  }

  void begin_line(std::unique_ptr<decoder_line> line) {
    lines_.push_back(std::move(line));
    source_ = {};
  }

  std::size_t line_count() const noexcept { return lines_.size(); }

  /// Of each line the tokens it goes on with: the prompt at first, or its next part, then one each.
  void add_to(std::vector<decoder::input>& pass) {
    const std::span ids(next_ids_);
    const auto each = next_each();
    for (std::size_t i = 0; i < lines_.size(); ++i)
      pass.push_back({lines_[i].get(), ids.subspan(read_ + i * each, each)});
  }

  /// One row for each line.
  void advance(std::span<float> logits) {
    read_ += line_count() * next_each();
    if (read_ < next_ids_.size())
      return;
    read_ = 0;
    const auto next = search_->advance(logits);
    if (search_->finished()) {
      lines_.clear();
      return;
    }
    lines going_on;
    next_ids_.clear();
    for (std::size_t i = 0; i < next.size(); ++i) {
      // The last to go on from a line has it to itself.
      const auto from = next[i].line;
      const bool again = std::any_of(next.begin() + static_cast<std::ptrdiff_t>(i) + 1, next.end(),
                                     [from](const continuation& c) { return c.line == from; });
      going_on.push_back(again ? lines_[from]->fork() : std::move(lines_[from]));
      next_ids_.push_back(next[i].token);
    }
    lines_ = std::move(going_on);
  }

private:
  // Of a line in the next step: lines are many only where each goes on with one token.
  std::size_t next_each() const noexcept {
    return lines_.size() > 1 ? 1 : std::min(next_ids_.size() - read_, prompt_tokens_a_step);
  }

  std::unique_ptr<cache_room> room_; // before the lines: they go first
  sequence source_;
  std::vector<std::int32_t> next_ids_;
  std::size_t read_ = 0; // of next_ids_: the parts of a prompt that were read
  std::unique_ptr<token_search> search_;
  lines lines_;
};

// Runs what may throw: for lack of memory, and LibTorch for everything.
template <class Work>
auto guarded(Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return error{errc::out_of_memory, "the batch does not fit into memory"};
  } catch (const c10::OutOfMemoryError&) {
    return error{errc::out_of_memory, "the batch does not fit into the device's memory"};
  } catch (const std::exception& e) {
    return error{errc::internal, std::string("computing failed: ") + e.what()};
  }
}

// Sources of one step are encoded together.
void begin_lines(const decoder& compute, std::span<open_writing* const> batch) {
  std::vector<open_writing*> fresh;
  std::vector<const sequence*> sources;
  for (auto* w : batch)
    if (!w->begun()) {
      fresh.push_back(w);
      sources.push_back(w->source());
    }
  if (fresh.empty())
    return;
  auto begun = compute.begin(sources);
  for (std::size_t i = 0; i < fresh.size(); ++i)
    fresh[i]->begin_line(std::move(begun.at(i)));
}

// `rows` is room for logits.
result<void> advance_all(const decoder& compute, std::span<open_writing* const> batch, float_buffer& rows) {
  begin_lines(compute, batch);
  std::vector<decoder::input> pass;
  for (auto* w : batch)
    w->add_to(pass);
  const auto vocabulary = compute.vocabulary();
  rows.grow_to(pass.size() * vocabulary);
  std::span rest(rows.data(), pass.size() * vocabulary);
  compute.advance(pass, rest);
  if (!kernels::best().all_finite(rest.data(), rest.size()))
    return {errc::corrupt, "the model's logits are not finite"};
  for (auto* w : batch) {
    const auto own = w->line_count() * vocabulary;
    w->advance(rest.first(own));
    rest = rest.subspan(own);
  }
  return {};
}

} // namespace

result<std::shared_ptr<const writing_model>> writing_model::make(parts made) {
  CHALK_CHECK(made.rules.fits(made.compute->vocabulary()));
  if (made.compute->source_positions() > 0 && !made.rules.start)
    return error{errc::invalid_configuration,
                 "the generation settings have no 'decoder_start_token_id', and what the model writes must begin "
                 "with something"};
  return std::shared_ptr<const writing_model>(new writing_model(std::move(made)));
}

std::size_t writing_model::max_tokens() const noexcept {
  if (parts_.compute->pictures() != nullptr)
    return parts_.image_tokens;
  return has_encoder() ? parts_.compute->source_positions() : parts_.compute->positions();
}

result<output_rows> writing_model::run(std::span<const sequence* const>, crew*) const {
  return error{errc::unsupported, "this model writes texts, it has no rows of numbers"};
}

result<void> writing_model::check(const sequence& prompt) const {
  if (const auto* form = parts_.compute->pictures())
    return vision::check_picture(prompt, *form);
  if (prompt.ids.empty())
    return {errc::invalid_argument, "a prompt has no tokens"};
  if (prompt.ids.size() > max_tokens())
    return {errc::invalid_argument, "a prompt has " + std::to_string(prompt.ids.size()) + " tokens; the model takes "
                                        + std::to_string(max_tokens())};
  const auto vocabulary = parts_.compute->vocabulary();
  if (std::any_of(prompt.ids.begin(), prompt.ids.end(),
                  [vocabulary](std::int32_t id) { return id < 0 || static_cast<std::size_t>(id) >= vocabulary; }))
    return {errc::invalid_argument, "a token id is outside the model's vocabulary of " + std::to_string(vocabulary)};
  return {};
}

result<std::unique_ptr<writing>> writing_model::reserved(const sequence& prompt) const {
  CHALK_CHECK(check(prompt));
  const auto& compute = parts_.compute;
  sequence source;
  auto begin_with = prompt.ids;
  if (has_encoder()) {
    source = prompt;
    begin_with = {*parts_.rules.start};
  }
  const auto seen = has_encoder() ? compute->length_of(source) : 0;
  const generation_settings nothing;
  CHALK_TRY(const auto plan, plan_search(parts_.rules, prompt.wanted ? *prompt.wanted : nothing, begin_with,
                                         {compute->vocabulary(), compute->positions()}));
  const auto needed = compute->blocks_for(plan.rules.beams, plan.longest, seen);
  if (needed > compute->blocks())
    return error{errc::invalid_argument, "a text of up to " + std::to_string(plan.longest) + " tokens on "
                                             + std::to_string(plan.rules.beams) + " beams needs "
                                             + std::to_string(needed) + " blocks of a cache of "
                                             + std::to_string(compute->blocks())};
  auto room = std::make_unique<cache_room>(compute);
  if (!room->take(plan.rules.beams, plan.longest, seen))
    return std::unique_ptr<writing>();
  auto search = make_search(plan);
  return std::unique_ptr<writing>(
      std::make_unique<open_writing>(std::move(room), std::move(source), std::move(begin_with), std::move(search)));
}

result<std::unique_ptr<writing>> writing_model::begin(const sequence& prompt) const {
  return guarded([&] { return reserved(prompt); });
}

result<void> writing_model::step(std::span<writing* const> batch) const {
  return guarded([&]() -> result<void> {
    std::vector<open_writing*> own;
    for (auto* w : batch) {
      own.push_back(dynamic_cast<open_writing*>(w));
      if (own.back() == nullptr || w->finished())
        return {errc::invalid_argument, "a step is for texts of this model that are not finished"};
    }
    if (own.empty())
      return {};
    auto rows = logits_.borrow();
    auto done = advance_all(*parts_.compute, own, *rows);
    logits_.give_back(std::move(rows));
    return done;
  });
}

} // namespace chalkstream::models
