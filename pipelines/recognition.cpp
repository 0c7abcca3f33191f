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
  pages_to_read to_read; // by a model that reads, or writes to pages or their lines
};

/// "page 2: "; nothing where there is but one.
std::string of_page(std::size_t index, std::size_t pages) {
  return pages == 1 ? std::string() : "page " + std::to_string(index + 1) + ": ";
}

double least_certain(const std::vector<recognised_page>& pages) {
  return std::ranges::min(pages, {}, &recognised_page::confidence).confidence;
}

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
  what.confidence = least_certain(what.pages);
  return true;
}

/// Adds the text that was written to each page, and why a person should look at one; false for tokens that no text
/// can be made of.
bool add_written(const text_writer& writer, const pages_to_read& asked, const output_rows& rows, outcome& what) {
  what.text.emplace();
  for (const auto& written : rows.texts) {
    const auto& size = asked.pages[what.pages.size()];
    auto text = writer.text_of(written);
    if (!text)
      return false;
    what.text->append(what.pages.empty() ? "" : "\n\n").append(*text);
    const auto page = of_page(what.pages.size(), rows.texts.size());
    if (trimmed(*text).empty())
      what.reasons.emplace_back(review_reason::nothing_found, page + "no text was read");
    if (written.cut)
      what.reasons.emplace_back(cut_off.reason, page + std::string(cut_off.sentence));
    what.pages.push_back({"", confidence_in(written), std::move(*text), {}, size.width, size.height});
  }
  what.confidence = least_certain(what.pages);
  return true;
}

bool add_read(const pages_to_read& asked, std::span<const page_reading> readings, outcome& what) {
  auto found = read_pages(asked, readings);
  if (!found)
    return false;
  what.pages = std::move(found->pages);
  what.text = std::move(found->text);
  what.confidence = found->confidence;
  what.reasons = std::move(found->reasons);
  return true;
}

/// Adds the pages whose lines were written one by one.
bool add_written_lines(const text_writer& writer, const pages_to_read& asked, const output_rows& rows,
                       outcome& what) {
  std::vector<page_reading> lines;
  bool cut = false;
  for (const auto& written : rows.texts) {
    auto text = writer.text_of(written);
    if (!text)
      return false;
    cut = cut || written.cut;
    auto& line = lines.emplace_back();
    if (const auto plain = trimmed(*text); !plain.empty())
      line.lines.push_back({.text = std::string(plain), .box = {}, .confidence = confidence_in(written)});
  }
  if (!add_read(asked, lines, what))
    return false;
  if (cut)
    what.reasons.emplace_back(cut_off);
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
  const auto& model = settings_.model;
  auto to_read = model.pictures ? ask_to_read(std::move(*pages), model.split, next.sequences,
                                              [this](const picture& page) { return as_the_model_takes(page); })
                                : ask_to_read(std::move(*pages), model.split, next.sequences);
  if (!to_read)
    return not_seen(to_read.error());
  state->to_read = std::move(*to_read);
  if (next.sequences.empty()) { // there is no line to read
    add_read(state->to_read, {}, state->result);
    return finished(std::move(state->result), prepared_since(settings_.task, start));
  }
  next.urgency = from.urgency;
  next.deadline = from.deadline;
  next.state = std::move(state);
  return next;
}

result<sequence> recognition::as_the_model_takes(const picture& page) const {
  const auto& model = settings_.model;
  CHALK_TRY(auto made, model.pictures->prepare(page));
  auto seen = std::make_shared<const picture>(std::move(made));
  if (model.writer)
    return model.writer->prompt(std::move(seen), model.tokens);
  sequence one;
  one.image = std::move(seen);
  one.image_tokens = model.tokens;
  return one;
}

task_step recognition::complete(const record&, work done, const output_rows& rows, const timing& spent) const {
  const auto& state = static_cast<const recognition_state&>(*done.state);
  const auto& model = settings_.model;
  auto what = state.result; // the step may be tried again
  const auto each = [&done](std::size_t answers) { return answers == done.sequences.size() && answers > 0; };
  if (model.regions_above)
    return with_regions(state.to_read, std::move(what), rows, spent);
  bool usable = false;
  if (model.writer && model.split == page_split::lines)
    usable = add_written_lines(*model.writer, state.to_read, rows, what);
  else if (model.writer)
    usable = each(rows.texts.size()) && add_written(*model.writer, state.to_read, rows, what);
  else if (model.pictures)
    usable = each(rows.size()) && add_classes(model, rows, what);
  else
    usable = add_read(state.to_read, rows.readings, what);
  if (!usable)
    return unusable_output();
  return finished(std::move(what), spent);
}

task_step recognition::with_regions(const pages_to_read& asked, outcome what, const output_rows& rows,
                                    const timing& spent) const {
  const auto pages = find_regions(asked, rows, settings_.model.labels, *settings_.model.regions_above);
  if (!pages)
    return unusable_output();
  for (std::size_t i = 0; i < pages->size(); ++i)
    if ((*pages)[i].regions.empty())
      what.reasons.emplace_back(review_reason::nothing_found, of_page(i, pages->size()) + "nothing was found");
  what.confidence = least_sure(*pages);
  judge(what);
  return finish(settings_.task, std::move(what), spent,
                [&pages](const outcome& done) { return education::encode_regions(done, *pages); });
}

void recognition::judge(outcome& what) const {
  if (what.confidence && *what.confidence < settings_.review_below)
    what.reasons.push_back(not_sure_enough(*what.confidence, settings_.review_below));
  what.verdict = what.reasons.empty() ? decision::automatic : decision::review;
}

reply recognition::finished(outcome what, const timing& spent) const {
  judge(what);
  return finish(settings_.task, education::result_kind::recognition, std::move(what), spent);
}

} // namespace chalkstream::pipelines
