#include "pipelines/tools/detect_lines.hpp"

#include "education/json_writer.hpp"
#include "models/image/preprocessor.hpp"
#include "pipelines/tools/line_ports.hpp"
#include "pipelines/tools/page_line.hpp"

#include <utility>

namespace chalkstream::pipelines::tools {

namespace {

std::vector<recognised_page> framed(const std::vector<education::searched_page>& pages) {
  std::vector<recognised_page> made(pages.size());
  for (std::size_t i = 0; i < pages.size(); ++i)
    for (const auto& region : pages[i].regions)
      made[i].lines.push_back({.text = region.label, .box = region.box, .confidence = region.confidence});
  return made;
}

class detect_lines final : public task {
public:
  detect_lines(models::loaded_model loaded, detect_settings settings)
      : loaded_(std::move(loaded)), settings_(std::move(settings)) {}

  task_step prepare(const record& input) const override {
    auto line = read_page_line(input, settings_.limits, page_split::whole, !settings_.annotations.empty(),
                               [this](const picture& page) { return prepared(page); });
    if (auto* failed = std::get_if<reply>(&line))
      return std::move(*failed);
    auto& [state, ask] = std::get<page_line>(line);
    work needed;
    needed.sequences = std::move(ask);
    needed.state = std::move(state);
    return needed;
  }

  task_step complete(const record& input, work done, const output_rows& rows, const timing&) const override {
    const auto& state = static_cast<const page_line_state&>(*done.state);
    const auto found = find_regions(state.asked, rows, loaded_.labels, settings_.above);
    if (!found)
      return failed_line(state.id, "the model's output is no regions");
    if (const auto drawn = annotate_pages(settings_.annotations, input, state, framed(*found)); !drawn)
      return failed_line(state.id, drawn.error().message);
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
