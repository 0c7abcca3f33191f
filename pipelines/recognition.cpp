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
};

rejection not_seen(const error& why) {
  const auto reason =
      why.code == errc::out_of_memory ? reject_reason::image_too_large : reject_reason::unreadable_image;
  return {reason, stage::prepare, why.message};
}

} // namespace

recognition::recognition(recognition_settings settings)
    : settings_(std::move(settings)), decoder_(settings_.task.pseudonyms, education::only({event_type::image}),
                                               {.max_bytes = settings_.task.max_bytes}) {}

task_step recognition::prepare(const record& input) const {
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

  work next;
  next.model = settings_.model.index;
  for (const auto& page : *pages) {
    auto seen = settings_.model.pictures->prepare(page);
    if (!seen)
      return not_seen(seen.error());
    sequence one;
    one.image = std::make_shared<const picture>(std::move(*seen));
    one.image_tokens = settings_.model.tokens;
    next.sequences.push_back(std::move(one));
  }
  auto what = outline(settings_.task, input, from);
  what.model = settings_.model.identity;
  next.urgency = from.urgency;
  next.deadline = from.deadline;
  next.state = std::make_shared<recognition_state>(std::move(what));
  return next;
}

task_step recognition::complete(const record&, work done, const output_rows& rows, const timing& spent) const {
  auto what = static_cast<const recognition_state&>(*done.state).result; // the step may be tried again
  if (rows.size() != done.sequences.size() || rows.width != settings_.model.labels.size())
    return unusable_output();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto probabilities = probabilities_of(rows.row(i));
    if (probabilities.empty())
      return unusable_output();
    const auto best = likeliest(probabilities);
    what.pages.push_back({settings_.model.labels[best], probabilities[best]});
  }
  if (what.pages.size() == 1)
    what.label = what.pages.front().label;
  what.confidence =
      std::min_element(what.pages.begin(), what.pages.end(), [](const recognised_page& a, const recognised_page& b) {
        return a.confidence < b.confidence;
      })->confidence;
  if (*what.confidence < settings_.review_below)
    what.reasons.push_back(not_sure_enough(*what.confidence, settings_.review_below));
  what.verdict = what.reasons.empty() ? decision::automatic : decision::review;
  return finish(settings_.task, education::result_kind::recognition, std::move(what), spent);
}

} // namespace chalkstream::pipelines
