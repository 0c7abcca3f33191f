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

/// Adds the class of each page; false for output that no class can be made of.
bool add_classes(const image_model& model, const output_rows& rows, outcome& what) {
  const auto& labels = model.labels;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto compared = model.meanings ? model.meanings->logits(rows.row(i)) : std::vector<float>();
    const auto logits = model.meanings ? std::span<const float>(compared) : rows.row(i);
    const auto probabilities = logits.size() == labels.size() ? probabilities_of(logits) : std::vector<double>();
    if (probabilities.empty())
      return false;
    const auto best = likeliest(probabilities);
    what.pages.push_back({labels[best], probabilities[best]});
  }
  if (what.pages.size() == 1)
    what.label = what.pages.front().label;
  return true;
}

/// Adds the text of each page, and why a person should look at one; false for tokens that no text can be made of.
bool add_texts(const text_writer& writer, const output_rows& rows, outcome& what) {
  what.text.emplace();
  for (const auto& written : rows.texts) {
    auto text = writer.text_of(written);
    if (!text)
      return false;
    what.text->append(what.pages.empty() ? "" : "\n\n").append(*text);
    const auto page = rows.texts.size() == 1 ? std::string() : "page " + std::to_string(what.pages.size() + 1) + ": ";
    if (trimmed(*text).empty())
      what.reasons.push_back(page + "no text was read");
    if (written.cut)
      what.reasons.push_back(page + std::string(cut_off));
    what.pages.push_back({"", confidence_in(written), std::move(*text)});
  }
  return true;
}

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
    next.sequences.push_back(asked(std::make_shared<const picture>(std::move(*seen))));
  }
  auto what = outline(settings_.task, input, from);
  what.model = settings_.model.identity;
  next.urgency = from.urgency;
  next.deadline = from.deadline;
  next.state = std::make_shared<recognition_state>(std::move(what));
  return next;
}

sequence recognition::asked(std::shared_ptr<const picture> page) const {
  const auto& model = settings_.model;
  if (model.writer)
    return model.writer->prompt(std::move(page), model.tokens);
  sequence one;
  one.image = std::move(page);
  one.image_tokens = model.tokens;
  return one;
}

task_step recognition::complete(const record&, work done, const output_rows& rows, const timing& spent) const {
  auto what = static_cast<const recognition_state&>(*done.state).result; // the step may be tried again
  const auto& model = settings_.model;
  const auto answers = model.writer ? rows.texts.size() : rows.size();
  const bool usable = answers == done.sequences.size() && answers > 0
                      && (model.writer ? add_texts(*model.writer, rows, what) : add_classes(model, rows, what));
  if (!usable)
    return unusable_output();
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
