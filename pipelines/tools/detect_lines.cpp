#include "pipelines/tools/detect_lines.hpp"

#include "education/json_writer.hpp"
#include "models/image/preprocessor.hpp"
#include "pipelines/tools/annotation.hpp"
#include "pipelines/tools/line_ports.hpp"
#include "pipelines/tools/picture_line.hpp"

#include <span>
#include <utility>

namespace chalkstream::pipelines::tools {

namespace {

struct detect_line_state final : task_state {
  std::string id; // as JSON
  pages_to_read asked;
  std::vector<picture> pages; // where they are to be annotated
};

recognised_page framed(const education::searched_page& page) {
  recognised_page made;
  for (const auto& region : page.regions)
    made.lines.push_back({.text = region.label, .box = region.box, .confidence = region.confidence});
  return made;
}

class detect_lines final : public task {
public:
  detect_lines(models::loaded_model loaded, detect_settings settings)
      : loaded_(std::move(loaded)), settings_(std::move(settings)) {}

  task_step prepare(const record& input) const override {
    auto parsed = parse_picture_line(*input.value);
    if (const auto* wrong = std::get_if<line_error>(&parsed))
      return failed_line(wrong->id, wrong->message);
    auto& line = std::get<picture_line>(parsed);
    auto pages = image::decode(std::as_bytes(std::span(line.file)), settings_.limits);
    if (!pages)
      return failed_line(line.id, pages.error().message);
    auto state = std::make_shared<detect_line_state>();
    if (!settings_.annotations.empty())
      state->pages = *pages;
    work needed;
    auto asked = ask_to_read(std::move(*pages), page_split::whole, needed.sequences,
                             [this](const picture& page) { return prepared(page); });
    if (!asked)
      return failed_line(line.id, asked.error().message);
    state->id = std::move(line.id);
    state->asked = std::move(*asked);
    needed.state = std::move(state);
    return needed;
  }

  task_step complete(const record& input, work done, const output_rows& rows, const timing&) const override {
    const auto& state = static_cast<const detect_line_state&>(*done.state);
    const auto found = find_regions(state.asked, rows, loaded_.labels, settings_.above);
    if (!found)
      return failed_line(state.id, "the model's output is no regions");
    for (std::size_t i = 0; i < state.pages.size(); ++i) {
      const auto name = annotation_name(static_cast<std::size_t>(input.offset) + 1, state.id, i + 1);
      const auto drawn =
          write_annotation(settings_.annotations / name, annotated(state.pages[i], framed((*found)[i])));
      if (!drawn)
        return failed_line(state.id, drawn.error().message);
    }
    reply answer;
    answer.value.append("{\"id\":").append(state.id).append(",");
    education::json_writer json{answer.value};
    education::write_regions(json, *found);
    answer.value.append("}");
    return answer;
  }

private:
  result<sequence> prepared(const picture& page) const {
    CHALK_TRY(auto made, loaded_.pictures->prepare(page));
    sequence one;
    one.image = std::make_shared<const picture>(std::move(made));
    one.image_tokens = loaded_.image_tokens;
    return one;
  }

  models::loaded_model loaded_;
  detect_settings settings_;
};

} // namespace

std::shared_ptr<const task> make_detect_lines(models::loaded_model loaded, detect_settings settings) {
  return std::make_shared<detect_lines>(std::move(loaded), std::move(settings));
}

} // namespace chalkstream::pipelines::tools
