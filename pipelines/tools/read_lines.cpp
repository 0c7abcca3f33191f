#include "pipelines/tools/read_lines.hpp"

#include "education/json_writer.hpp"
#include "education/result_encoder.hpp"
#include "pipelines/tools/line_ports.hpp"
#include "pipelines/tools/page_line.hpp"

#include <utility>

namespace chalkstream::pipelines::tools {

namespace {

class read_lines final : public task {
public:
  explicit read_lines(read_settings settings) : settings_(std::move(settings)) {}

  task_step prepare(const record& input) const override {
    auto line = read_page_line(input, settings_.limits, settings_.split, !settings_.annotations.empty());
    if (auto* failed = std::get_if<reply>(&line))
      return std::move(*failed);
    auto& [state, ask] = std::get<page_line>(line);
    if (ask.empty())
      return answered(input, *state, {});
    work needed;
    needed.sequences = std::move(ask);
    needed.state = std::move(state);
    return needed;
  }

  task_step complete(const record& input, work done, const output_rows& rows, const timing&) const override {
    return answered(input, static_cast<const page_line_state&>(*done.state), rows);
  }

private:
  task_step answered(const record& input, const page_line_state& state, const output_rows& rows) const {
    const auto found = read_pages(state.asked, rows.readings);
    if (!found)
      return failed_line(state.id, "the model's output is no reading");
    if (const auto done = annotate_pages(settings_.annotations, input, state, found->pages); !done)
      return failed_line(state.id, done.error().message);
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
