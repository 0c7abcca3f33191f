#include "pipelines/tools/read_lines.hpp"

#include "education/json_writer.hpp"
#include "education/result_encoder.hpp"
#include "pipelines/tools/line_ports.hpp"
#include "pipelines/tools/picture_line.hpp"

#include <span>
#include <utility>

namespace chalkstream::pipelines::tools {

namespace {

struct read_line_state final : task_state {
  std::string id; // as JSON
  pages_to_read asked;
};

class read_lines final : public task {
public:
  read_lines(const image::decode_limits& limits, page_split split) : limits_(limits), split_(split) {}

  task_step prepare(const record& input) const override {
    auto parsed = parse_picture_line(*input.value);
    if (const auto* wrong = std::get_if<line_error>(&parsed))
      return failed_line(wrong->id, wrong->message);
    auto& line = std::get<picture_line>(parsed);
    auto pages = image::decode(std::as_bytes(std::span(line.file)), limits_);
    if (!pages)
      return failed_line(line.id, pages.error().message);
    work needed;
    auto asked = ask_to_read(std::move(*pages), split_, needed.sequences);
    if (!asked)
      return failed_line(line.id, asked.error().message);
    auto state = std::make_shared<read_line_state>();
    state->id = std::move(line.id);
    state->asked = std::move(*asked);
    if (needed.sequences.empty())
      return answered(*state, {});
    needed.state = std::move(state);
    return needed;
  }

  task_step complete(const record&, work done, const output_rows& rows, const timing&) const override {
    return answered(static_cast<const read_line_state&>(*done.state), rows);
  }

private:
  static task_step answered(const read_line_state& state, const output_rows& rows) {
    const auto found = read_pages(state.asked, rows.readings);
    if (!found)
      return failed_line(state.id, "the model's output is no reading");
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

  image::decode_limits limits_;
  page_split split_;
};

} // namespace

std::shared_ptr<const task> make_read_lines(const image::decode_limits& limits, page_split split) {
  return std::make_shared<read_lines>(limits, split);
}

} // namespace chalkstream::pipelines::tools
