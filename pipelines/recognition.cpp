#include "pipelines/recognition.hpp"

#include "pipelines/probabilities.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace chalkstream::pipelines {

namespace {

struct recognition_state final : task_state {
  explicit recognition_state(outcome what) : result(std::move(what)) {}
  outcome result;
  pages_to_read to_read; // by a model that reads
};

/// Adds the class of each page; false for output that no class can be made of.
bool add_classes(const std::vector<std::string>& labels, const output_rows& rows, outcome& what) {
  if (rows.size() == 0 || rows.width != labels.size())
    return false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto probabilities = probabilities_of(rows.row(i));
    if (probabilities.empty())
      return false;
    const auto best = likeliest(probabilities);
    what.pages.push_back({labels[best], probabilities[best]});
  }
  if (what.pages.size() == 1)
    what.label = what.pages.front().label;
  what.confidence = std::ranges::min(what.pages, {}, &recognised_page::confidence).confidence;
  return true;
}

bool add_text(const pages_to_read& asked, const output_rows& rows, outcome& what) {
  auto found = read_pages(asked, rows.readings);
  if (!found)
    return false;
  what.pages = std::move(found->pages);
  what.text = std::move(found->text);
  what.confidence = found->confidence;
  what.reasons = std::move(found->reasons);
  return true;
}

} // namespace

recognition::recognition(recognition_settings settings)
    : settings_(std::move(settings)), decoder_(settings_.task.pseudonyms, education::only({event_type::image}),
                                               {.max_bytes = settings_.task.max_bytes}) {}

task_step recognition::prepare(const record& input) const {
  const auto start = settings_.task.time->now();
  auto decoded = decoder_.decode(input);
  if (auto* refused = std::get_if<rejection>(&decoded))
    return std::move(*refused);
  auto& from = std::get<event>(decoded);
  auto file = settings_.source.read(std::move(*from.image));
  if (auto* refused = std::get_if<rejection>(&file))
    return std::move(*refused);
  auto pages = image::decode(std::as_bytes(std::span(std::get<std::string>(file))), settings_.limits);
  if (!pages)
    return not_seen(pages.error());

  auto what = outline(settings_.task, input, from);
  what.model = settings_.model.identity;
  auto state = std::make_shared<recognition_state>(std::move(what));
  work next;
  next.model = settings_.model.index;
  if (settings_.model.pictures) {
    if (auto refused = look(*pages, next))
      return std::move(*refused);
  } else {
    auto asked = ask_to_read(std::move(*pages), settings_.model.split, next.sequences);
    if (!asked)
      return not_seen(asked.error());
    state->to_read = std::move(*asked);
  }
  if (next.sequences.empty()) { // there is no line to read
    add_text(state->to_read, {}, state->result);
    return finished(std::move(state->result), prepared_since(settings_.task, start));
  }
  next.urgency = from.urgency;
  next.deadline = from.deadline;
  next.state = std::move(state);
  return next;
}

std::optional<rejection> recognition::look(const std::vector<picture>& pages, work& next) const {
  for (const auto& page : pages) {
    auto seen = settings_.model.pictures->prepare(page);
    if (!seen)
      return not_seen(seen.error());
    sequence one;
    one.image = std::make_shared<const picture>(std::move(*seen));
    one.image_tokens = settings_.model.tokens;
    next.sequences.push_back(std::move(one));
  }
  return std::nullopt;
}

task_step recognition::complete(const record&, work done, const output_rows& rows, const timing& spent) const {
  const auto& state = static_cast<const recognition_state&>(*done.state);
  auto what = state.result; // the step may be tried again
  const bool usable = settings_.model.pictures
                          ? rows.size() == done.sequences.size() && add_classes(settings_.model.labels, rows, what)
                          : add_text(state.to_read, rows, what);
  if (!usable)
    return unusable_output();
  return finished(std::move(what), spent);
}

reply recognition::finished(outcome what, const timing& spent) const {
  if (what.confidence && *what.confidence < settings_.review_below)
    what.reasons.push_back(not_sure_enough(*what.confidence, settings_.review_below));
  what.verdict = what.reasons.empty() ? decision::automatic : decision::review;
  return finish(settings_.task, education::result_kind::recognition, std::move(what), spent);
}

} // namespace chalkstream::pipelines
