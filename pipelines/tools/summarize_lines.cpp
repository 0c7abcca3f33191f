#include "pipelines/tools/summarize_lines.hpp"

#include "education/json_writer.hpp"
#include "education/result_encoder.hpp"
#include "pipelines/tools/json_lines.hpp"
#include "pipelines/tools/line_ports.hpp"

#include <utility>

namespace chalkstream::pipelines::tools {

namespace {

struct summary_line_state final : task_state {
  std::string id; // as JSON
  summary_draft draft;
};

class summarize_lines final : public task {
public:
  summarize_lines(task_model encoder, summary_settings settings)
      : encoder_(std::move(encoder)), settings_(std::move(settings)) {}

  task_step prepare(const record& input) const override {
    auto parsed = parse_line(*input.value);
    if (const auto* wrong = std::get_if<line_error>(&parsed))
      return failed_line(wrong->id, wrong->message);
    auto& line = std::get<text_line>(parsed);
    if (line.pair)
      return failed_line(line.id, "a summary is of one text; there is a `pair`");
    work needed;
    auto drafted = draft_summary(encoder_, std::move(line.text), "", settings_, needed.sequences);
    if (!drafted)
      return failed_line(line.id, drafted.error().message);
    if (drafted->sentences.size() <= settings_.sentences)
      return answered(line.id, whole_text(*drafted));
    auto state = std::make_shared<summary_line_state>();
    state->id = std::move(line.id);
    state->draft = std::move(*drafted);
    needed.state = std::move(state);
    return needed;
  }

  task_step complete(const record&, work done, const output_rows& rows, const timing&) const override {
    const auto& state = static_cast<const summary_line_state&>(*done.state);
    const auto made = conclude_summary(state.draft, done.sequences, rows, settings_, settings_.sentences);
    return made ? answered(state.id, *made) : failed_line(state.id, "the model's output is not a row of numbers");
  }

private:
  static reply answered(std::string_view id, const summary& made) {
    reply answer;
    auto& text = answer.value;
    text.append("{\"id\":").append(id).append(",\"text\":");
    education::json_writer{text}.string(made.text);
    text.append(",\"sentences\":");
    education::json_writer json{text};
    education::write_sentences(json, made.sentences);
    text.append("}");
    return answer;
  }

  task_model encoder_;
  summary_settings settings_;
};

} // namespace

std::shared_ptr<const task> make_summarize_lines(task_model encoder, summary_settings settings) {
  return std::make_shared<summarize_lines>(std::move(encoder), std::move(settings));
}

} // namespace chalkstream::pipelines::tools
