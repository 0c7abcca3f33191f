// What the tasks of `infer` over pages have in common: a line's file becomes pages for the model, and pages with what
// was found on them become pictures to look at.
#pragma once

#include "core/task.hpp"
#include "models/image/decode.hpp"
#include "pipelines/page_reader.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace chalkstream::pipelines::tools {

struct page_line_state final : task_state {
  std::string id; // as JSON
  pages_to_read asked;
  std::vector<picture> pages; // where they are to be annotated
};

struct page_line {
  std::shared_ptr<page_line_state> state;
  /// What the model is asked; none, if there is nothing to ask.
  std::vector<sequence> ask;
};

/// Decodes the line's file, and asks as ask_to_read does. A line that cannot be is its answer already. Blocks while
/// it reads and decodes.
std::variant<page_line, reply>
read_page_line(const record& input, const image::decode_limits& limits, page_split split, bool keep_pages,
               const std::function<result<sequence>(picture)>& given = picture_as_it_is);

/// Draws each kept page with what was found on it (annotation.hpp) into the folder; io with the file's name. `found`
/// has one for each kept page.
result<void> annotate_pages(const std::filesystem::path& folder, const record& input, const page_line_state& state,
                            const std::vector<recognised_page>& found);

} // namespace chalkstream::pipelines::tools
