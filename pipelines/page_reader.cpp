#include "pipelines/page_reader.hpp"

#include "models/printed/page_engine.hpp"

#include <algorithm>
#include <utility>

namespace chalkstream::pipelines {

namespace {

// So many pixels take about as long as a token of a small text model.
constexpr std::size_t pixels_of_a_token = 1024;

recognised_page page_of(const pages_to_read::page& asked, page_reading found) {
  recognised_page made;
  made.width = asked.width;
  made.height = asked.height;
  double sum = 0, length = 0;
  for (const auto& line : found.lines) {
    if (!made.text.empty())
      made.text += line.begins_paragraph ? "\n\n" : "\n";
    made.text += line.text;
    sum += line.confidence * static_cast<double>(line.text.size());
    length += static_cast<double>(line.text.size());
  }
  made.confidence = length > 0 ? sum / length : 0;
  made.lines = std::move(found.lines);
  return made;
}

} // namespace

result<pages_to_read> ask_to_read(std::vector<picture> pages, std::vector<sequence>& ask) {
  pages_to_read asked;
  for (auto& page : pages) {
    if (std::max(page.width, page.height) > printed::longest_side)
      return error{errc::out_of_memory, "a page of " + std::to_string(page.width) + " x " + std::to_string(page.height)
                                            + " pixels is longer than a reader takes ("
                                            + std::to_string(printed::longest_side) + ")"};
    asked.pages.push_back({static_cast<std::uint32_t>(page.width), static_cast<std::uint32_t>(page.height)});
    sequence one;
    one.image_tokens = std::max<std::size_t>(page.width * page.height / pixels_of_a_token, 1);
    one.image = std::make_shared<const picture>(std::move(page));
    ask.push_back(std::move(one));
  }
  return asked;
}

std::optional<read_file> read_pages(const pages_to_read& asked, const output_rows& rows) {
  if (rows.readings.size() != asked.pages.size())
    return std::nullopt;
  read_file made;
  for (std::size_t i = 0; i < rows.readings.size(); ++i) {
    if (rows.readings[i].cut)
      made.reasons.push_back("page " + std::to_string(i + 1) + " was not read to its end: its time was over");
    made.pages.push_back(page_of(asked.pages[i], rows.readings[i]));
    const auto& page = made.pages.back();
    if (page.text.empty())
      continue;
    made.text += (made.text.empty() ? "" : "\n\n") + page.text;
    made.confidence = std::min(made.confidence.value_or(1), page.confidence);
  }
  if (made.text.empty())
    made.reasons.emplace_back("no text was found");
  return made;
}

} // namespace chalkstream::pipelines
