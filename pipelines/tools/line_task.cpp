#include "pipelines/tools/line_task.hpp"

#include "education/json_writer.hpp"
#include "pipelines/tools/annotation.hpp"
#include "pipelines/tools/json_lines.hpp"
#include "pipelines/tools/line_ports.hpp"
#include "pipelines/tools/picture_line.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::pipelines::tools {

namespace {

using education::json_writer;

struct line_state final : task_state {
  std::string id; // as JSON
  // tag: the text's tokens in code points
  std::vector<std::pair<std::uint32_t, std::uint32_t>> offsets;
  // span
  std::string passage;
  span_draft draft;
  // classify, where the picture is to be annotated
  std::optional<picture> seen;
};

class line_task final : public task {
public:
  line_task(std::shared_ptr<const text::tokenizer> tokenizer, models::loaded_model loaded,
            const infer_settings& settings)
      : tokenizer_(std::move(tokenizer)), loaded_(std::move(loaded)), kind_(settings.task), span_(settings.span),
        no_answer_below_(settings.no_answer_below), annotations_(settings.annotations) {
    options_.cut = text::truncation::longest_first;
    options_.max_tokens = loaded_.texts ? loaded_.texts->max_tokens : loaded_.max_tokens;
    options_.offsets = kind_ == infer_task::tag;
  }

  task_step prepare(const record& input) const override {
    if (loaded_.pictures && !tokenizer_)
      return prepare_picture(input);
    auto parsed = parse_line(*input.value);
    if (loaded_.pictures && std::holds_alternative<line_error>(parsed))
      return prepare_picture(input);
    if (const auto* wrong = std::get_if<line_error>(&parsed))
      return failed_line(wrong->id, wrong->message);
    auto& line = std::get<text_line>(parsed);
    if (kind_ == infer_task::span)
      return prepare_span(std::move(line));
    if (kind_ == infer_task::tag && line.pair)
      return failed_line(line.id, "tag takes `text` alone, without `pair`");
    auto encoded = line.pair ? tokenizer_->encode_pair(line.text, *line.pair, options_)
                             : tokenizer_->encode(line.text, options_);
    if (!encoded)
      return failed_line(line.id, encoded.error().message);
    if (encoded->ids.empty())
      return failed_line(line.id, "the text has no tokens");
    work needed;
    needed.sequences.push_back({std::move(encoded->ids), std::move(encoded->types)});
    auto state = std::make_shared<line_state>();
    state->id = std::move(line.id);
    state->offsets = std::move(encoded->offsets);
    needed.state = std::move(state);
    return needed;
  }

  task_step complete(const record& input, work done, const output_rows& rows, const timing&) const override {
    const auto& state = static_cast<const line_state&>(*done.state);
    if (kind_ == infer_task::span)
      return complete_span(state, rows);
    if (state.seen)
      if (const auto drawn = annotate(input, state, rows.row(0)); !drawn)
        return failed_line(state.id, drawn.error().message);
    reply answer;
    answer.value.reserve(rows.values.size() * 13 + 64);
    answer.value.append("{\"id\":").append(state.id).append(",");
    json_writer json{answer.value};
    switch (kind_) {
    case infer_task::embed:
      write_numbers(json.key("embedding"), rows.row(0));
      break;
    case infer_task::classify:
      json.key("label").string(label(best_of(rows.row(0))));
      write_numbers(json.key("logits"), rows.row(0));
      break;
    case infer_task::score:
      json.key("label").string(std::to_string(rows.row(0)[0]));
      write_numbers(json.key("logits"), rows.row(0));
      break;
    case infer_task::tag:
      write_tags(json, state, rows);
      break;
    case infer_task::span: // see above
    case infer_task::read: // these have tasks of their own
    case infer_task::detect:
    case infer_task::summarize:
    case infer_task::generate:
    case infer_task::translate:
    case infer_task::neighbours:
      break;
    }
    answer.value.append("}");
    return answer;
  }

private:
  static void write_numbers(json_writer& json, std::span<const float> row) {
    json.begin_array();
    for (const auto value : row)
      json.number(value);
    json.end_array();
  }

  task_step prepare_picture(const record& input) const {
    auto parsed = parse_picture_line(*input.value);
    if (const auto* wrong = std::get_if<line_error>(&parsed))
      return failed_line(wrong->id, wrong->message);
    auto& line = std::get<picture_line>(parsed);
    auto page = only_picture(line.file);
    if (!page)
      return failed_line(line.id, page.error().message);
    auto prepared = loaded_.pictures->prepare(*page);
    if (!prepared)
      return failed_line(line.id, prepared.error().message);
    work needed;
    auto& only = needed.sequences.emplace_back();
    only.image = std::make_shared<const picture>(std::move(*prepared));
    only.image_tokens = loaded_.image_tokens;
    auto state = std::make_shared<line_state>();
    state->id = std::move(line.id);
    if (!annotations_.empty())
      state->seen = std::move(*page);
    needed.state = std::move(state);
    return needed;
  }

  result<void> annotate(const record& input, const line_state& state, std::span<const float> logits) const {
    const auto name = annotation_name(static_cast<std::size_t>(input.offset) + 1, state.id, 1);
    return write_annotation(annotations_ / name, annotated(*state.seen, likeliest_classes(logits, loaded_.labels)));
  }

  task_step prepare_span(text_line line) const {
    if (!line.pair)
      return failed_line(line.id, "`pair` must be the passage that answers the question in `text`");
    work needed;
    auto draft = draft_span(*tokenizer_, loaded_.max_tokens, line.text, *line.pair, span_, needed.sequences);
    if (!draft)
      return failed_line(line.id, draft.error().message);
    if (draft->cut)
      return failed_line(line.id, "the passage takes more than " + std::to_string(span_.most_windows)
                                      + " windows of the model's " + std::to_string(loaded_.max_tokens)
                                      + " tokens; please send it in parts");
    auto state = std::make_shared<line_state>();
    state->id = std::move(line.id);
    state->passage = std::move(*line.pair);
    state->draft = std::move(*draft);
    needed.state = std::move(state);
    return needed;
  }

  task_step complete_span(const line_state& state, const output_rows& rows) const {
    auto found = conclude_span(state.draft, rows.values, span_.longest);
    if (!found)
      return failed_line(state.id, "the model's output is not two numbers for each token");
    if (no_answer_below_ && found->is_none(*no_answer_below_))
      found = found_span{.score = found->no_answer};
    reply answer;
    answer.value.append("{\"id\":").append(state.id).append(",");
    json_writer json{answer.value};
    json.key("answer").string(code_points(state.passage, found->start, found->end));
    json.key("start").number(std::uint64_t{found->start}).key("end").number(std::uint64_t{found->end});
    json.key("score").number(found->score);
    answer.value.append("}");
    return answer;
  }

  void write_tags(json_writer& json, const line_state& state, const output_rows& rows) const {
    json.key("tags").begin_array();
    for (std::size_t token = 0; token < rows.size(); ++token) {
      const auto [begin, end] = state.offsets[token];
      if (begin == end) // a special token
        continue;
      const auto row = rows.row(token);
      const auto best = best_of(row);
      json.begin_object();
      json.key("start").number(std::uint64_t{begin}).key("end").number(std::uint64_t{end});
      json.key("label").string(label(best)).key("score").number(probability(row, best));
      json.end_object();
    }
    json.end_array();
  }

  static std::size_t best_of(std::span<const float> row) {
    return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
  }

  /// Softmax of the largest.
  static double probability(std::span<const float> row, std::size_t best) {
    double total = 0;
    for (const float x : row)
      total += std::exp(double{x} - row[best]);
    return 1 / total;
  }

  std::string label(std::size_t best) const {
    return best < loaded_.labels.size() ? loaded_.labels[best] : "LABEL_" + std::to_string(best);
  }

  std::shared_ptr<const text::tokenizer> tokenizer_;
  models::loaded_model loaded_;
  infer_task kind_;
  text::encode_options options_;
  span_settings span_;
  std::optional<double> no_answer_below_;
  std::filesystem::path annotations_;
};

} // namespace

models::head head_for(infer_task kind) noexcept {
  switch (kind) {
  case infer_task::embed:
  case infer_task::neighbours:
  case infer_task::summarize:
    return models::head::embedding;
  case infer_task::span:
    return models::head::span_logits;
  case infer_task::tag:
    return models::head::token_logits;
  case infer_task::detect:
    return models::head::regions;
  case infer_task::generate:
  case infer_task::read:
  case infer_task::translate:
    return models::head::text;
  case infer_task::classify:
  case infer_task::score:
    break;
  }
  return models::head::logits;
}

result<std::shared_ptr<const task>> make_line_task(std::shared_ptr<const text::tokenizer> tokenizer,
                                                   models::loaded_model loaded, const infer_settings& settings) {
  const auto logits = loaded.compute->output_width();
  if (settings.task == infer_task::score && logits != 1)
    return error{errc::invalid_configuration, "the model " + loaded.compute->identity()->name + " has "
                                                  + std::to_string(logits)
                                                  + " labels; score needs a head with one (num_labels 1), classify "
                                                    "takes any"};
  return std::shared_ptr<const task>(std::make_shared<line_task>(std::move(tokenizer), std::move(loaded), settings));
}

} // namespace chalkstream::pipelines::tools
