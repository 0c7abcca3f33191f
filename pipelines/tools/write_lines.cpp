#include "pipelines/tools/write_lines.hpp"

#include "education/json_writer.hpp"
#include "pipelines/tools/json_lines.hpp"
#include "pipelines/tools/line_ports.hpp"

#include <utility>

namespace chalkstream::pipelines::tools {

namespace {

struct written_line_state final : task_state {
  std::string id; // as JSON
  text_prompts prompts;
};

class write_lines final : public task {
public:
  explicit write_lines(text_writer writer) : writer_(std::move(writer)) {}

  task_step prepare(const record& input) const override {
    auto parsed = parse_line(*input.value);
    if (const auto* wrong = std::get_if<line_error>(&parsed))
      return failed_line(wrong->id, wrong->message);
    auto& line = std::get<text_line>(parsed);
    if (line.pair)
      return failed_line(line.id, "a text is written from one text; there is a `pair`");
    auto made = writer_.prompts(line.text, "");
    if (!made)
      return failed_line(line.id, made.error().message);
    work needed;
    needed.sequences = std::move(made->sequences);
    auto state = std::make_shared<written_line_state>();
    state->id = std::move(line.id);
    state->prompts = std::move(*made);
    if (needed.sequences.empty())
      return answered(*state, {});
    needed.state = std::move(state);
    return needed;
  }

  task_step complete(const record&, work done, const output_rows& rows, const timing&) const override {
    const auto& state = static_cast<const written_line_state&>(*done.state);
    const auto written = writer_.join(state.prompts, rows.texts);
    return written ? answered(state, *written) : failed_line(state.id, written.error().message);
  }

private:
  static reply answered(const written_line_state& state, const joined_text& written) {
    reply answer;
    auto& text = answer.value;
    text.append("{\"id\":").append(state.id).append(",");
    education::json_writer json{text};
    json.key("text").string(written.text).key("tokens").number(static_cast<std::uint64_t>(written.tokens));
    text.append("}");
    return answer;
  }

  text_writer writer_;
};

} // namespace

std::shared_ptr<const task> make_write_lines(text_writer writer) {
  return std::make_shared<write_lines>(std::move(writer));
}

} // namespace chalkstream::pipelines::tools
