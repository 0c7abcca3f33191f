#include "pipelines/tools/read_lines.hpp"

#include "education/json_writer.hpp"
#include "education/result_encoder.hpp"
#include "pipelines/tools/annotation.hpp"
#include "pipelines/tools/line_ports.hpp"
#include "pipelines/tools/picture_line.hpp"

#include <span>
#include <utility>

namespace chalkstream::pipelines::tools {

namespace {

struct read_line_state final : task_state {
  std::string id; // as JSON
  pages_to_read asked;
  std::vector<picture> pages; // where they are to be annotated
};

class read_lines final : public task {
public:
  explicit read_lines(read_settings settings) : settings_(std::move(settings)) {}

  task_step prepare(const record& input) const override {
    auto parsed = parse_picture_line(*input.value);
    if (const auto* wrong = std::get_if<line_error>(&parsed))
      return failed_line(wrong->id, wrong->message);
    auto& line = std::get<picture_line>(parsed);
    auto pages = image::decode(std::as_bytes(std::span(line.file)), settings_.limits);
    if (!pages)
      return failed_line(line.id, pages.error().message);
    auto state = std::make_shared<read_line_state>();
    if (!settings_.annotations.empty())
      state->pages = *pages;
    work needed;
    auto asked = ask_to_read(std::move(*pages), settings_.split, needed.sequences);
    if (!asked)
      return failed_line(line.id, asked.error().message);
    state->id = std::move(line.id);
    state->asked = std::move(*asked);
    if (needed.sequences.empty())
      return answered(input, *state, {});
    needed.state = std::move(state);
    return needed;
  }

  task_step complete(const record& input, work done, const output_rows& rows, const timing&) const override {
    return answered(input, static_cast<const read_line_state&>(*done.state), rows);
  }

private:
  task_step answered(const record& input, const read_line_state& state, const output_rows& rows) const {
    const auto found = read_pages(state.asked, rows.readings);
    if (!found)
      return failed_line(state.id, "the model's output is no reading");
    for (std::size_t i = 0; i < state.pages.size(); ++i) {
      const auto name = annotation_name(static_cast<std::size_t>(input.offset) + 1, state.id, i + 1);
      if (const auto done = write_annotation(settings_.annotations / name, annotated(state.pages[i], found->pages[i]));
          !done)
        return failed_line(state.id, done.error().message);
    }
    reply answer;
    auto& text = answer.value;
    text.append("{\"id\":").append(state.id).append(",");
    education::json_writer json{text};
    json.key("text").string(found->text).key("confidence");
    if (found->confidence)
      json.number(*found->confidence);
    else
      json.null();
    education::write_pages(json.key("pages"), found->pages, true);
    text.append("}");
    return answer;
  }

  read_settings settings_;
};

} // namespace

std::shared_ptr<const task> make_read_lines(read_settings settings) {
  return std::make_shared<read_lines>(std::move(settings));
}

} // namespace chalkstream::pipelines::tools
