#include "pipelines/tools/write_picture_lines.hpp"

#include "education/json_writer.hpp"
#include "pipelines/tools/line_ports.hpp"
#include "pipelines/tools/picture_line.hpp"

#include <string>
#include <utility>

namespace chalkstream::pipelines::tools {

namespace {

struct picture_line_state final : task_state {
  std::string id; // as JSON
};

class write_picture_lines final : public task {
public:
  write_picture_lines(text_writer writer, std::shared_ptr<const image::preprocessor> pictures, std::size_t tokens)
      : writer_(std::move(writer)), pictures_(std::move(pictures)), tokens_(tokens) {}

  task_step prepare(const record& input) const override {
    auto parsed = parse_picture_line(*input.value);
    if (const auto* wrong = std::get_if<line_error>(&parsed))
      return failed_line(wrong->id, wrong->message);
    auto& line = std::get<picture_line>(parsed);
    auto prepared = prepared_picture(line.file, *pictures_);
    if (!prepared)
      return failed_line(line.id, prepared.error().message);
    work needed;
    needed.sequences.push_back(writer_.prompt(std::move(*prepared), tokens_));
    auto state = std::make_shared<picture_line_state>();
    state->id = std::move(line.id);
    needed.state = std::move(state);
    return needed;
  }

  task_step complete(const record&, work done, const output_rows& rows, const timing&) const override {
    const auto& state = static_cast<const picture_line_state&>(*done.state);
    if (rows.texts.size() != 1)
      return failed_line(state.id, "the model wrote " + std::to_string(rows.texts.size()) + " texts to an image");
    const auto& written = rows.texts.front();
    const auto text = writer_.text_of(written);
    if (!text)
      return failed_line(state.id, text.error().message);
    reply answer;
    answer.value.append("{\"id\":").append(state.id).append(",");
    education::json_writer json{answer.value};
    json.key("text").string(*text).key("tokens").number(static_cast<std::uint64_t>(written.ids.size()));
    json.key("confidence").number(confidence_in(written));
    answer.value.append("}");
    return answer;
  }

private:
  text_writer writer_;
  std::shared_ptr<const image::preprocessor> pictures_;
  std::size_t tokens_;
};

} // namespace

std::shared_ptr<const task> make_write_picture_lines(text_writer writer,
                                                     std::shared_ptr<const image::preprocessor> pictures,
                                                     std::size_t tokens) {
  return std::make_shared<write_picture_lines>(std::move(writer), std::move(pictures), tokens);
}

} // namespace chalkstream::pipelines::tools
