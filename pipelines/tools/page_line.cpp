#include "pipelines/tools/page_line.hpp"

#include "pipelines/tools/annotation.hpp"
#include "pipelines/tools/line_ports.hpp"
#include "pipelines/tools/picture_line.hpp"

#include <span>
#include <utility>

namespace chalkstream::pipelines::tools {

std::variant<page_line, reply> read_page_line(const record& input, const image::decode_limits& limits,
                                              page_split split, bool keep_pages,
                                              const std::function<result<sequence>(picture)>& given) {
  auto parsed = parse_picture_line(*input.value);
  if (const auto* wrong = std::get_if<line_error>(&parsed))
    return failed_line(wrong->id, wrong->message);
  auto& line = std::get<picture_line>(parsed);
  auto pages = image::decode(std::as_bytes(std::span(line.file)), limits);
  if (!pages)
    return failed_line(line.id, pages.error().message);
  page_line made{std::make_shared<page_line_state>(), {}};
  if (keep_pages)
    made.state->pages = *pages;
  auto asked = ask_to_read(std::move(*pages), split, made.ask, given);
  if (!asked)
    return failed_line(line.id, asked.error().message);
  made.state->id = std::move(line.id);
  made.state->asked = std::move(*asked);
  return made;
}

result<void> annotate_pages(const std::filesystem::path& folder, const record& input, const page_line_state& state,
                            const std::vector<recognised_page>& found) {
  for (std::size_t i = 0; i < state.pages.size(); ++i) {
    const auto name = annotation_name(static_cast<std::size_t>(input.offset) + 1, state.id, i + 1);
    CHALK_CHECK(write_annotation(folder / name, annotated(state.pages[i], found[i])));
  }
  return {};
}

} // namespace chalkstream::pipelines::tools
