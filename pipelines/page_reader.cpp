#include "pipelines/page_reader.hpp"

#include "models/printed/page_engine.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace chalkstream::pipelines {

namespace {

// So many pixels take about as long as a token of a small text model.
constexpr std::size_t pixels_of_a_token = 1024;

/// Parts of a text by the length of each.
class mean_confidence {
public:
  void add(std::string_view text, double confidence) {
    sum_ += confidence * static_cast<double>(text.size());
    length_ += static_cast<double>(text.size());
  }
  double value() const { return length_ > 0 ? sum_ / length_ : 0; }

private:
  double sum_ = 0;
  double length_ = 0;
};

/// What was read in the picture of one line, as a line of the page.
read_line line_of(const image::page_lines& places, std::size_t i, const page_reading& found) {
  read_line made;
  made.box = places.box(i);
  mean_confidence sure;
  for (const auto& part : found.lines) {
    made.text += (made.text.empty() ? "" : " ") + part.text;
    sure.add(part.text, part.confidence);
    for (const auto& word : part.words)
      made.words.push_back({word.text, places.box_in(i, word.box), word.confidence});
  }
  made.confidence = sure.value();
  return made;
}

/// A line that stands below another with some room between, or in another column.
bool begins_paragraph(const picture_box& line, const picture_box& above) {
  return line.top < above.top || line.top > above.top + above.height + std::min(line.height, above.height) / 2;
}

/// Lines that were read one by one make a page.
page_reading joined(const image::page_lines& places, std::span<const page_reading> found) {
  page_reading page;
  for (std::size_t i = 0; i < found.size(); ++i) {
    page.cut = page.cut || found[i].cut;
    auto line = line_of(places, i, found[i]);
    if (line.text.empty())
      continue;
    line.begins_paragraph = !page.lines.empty() && begins_paragraph(line.box, page.lines.back().box);
    page.lines.push_back(std::move(line));
  }
  return page;
}

recognised_page page_of(const pages_to_read::page& asked, page_reading found) {
  recognised_page made;
  made.width = asked.width;
  made.height = asked.height;
  mean_confidence sure;
  for (const auto& line : found.lines) {
    if (!made.text.empty())
      made.text += line.begins_paragraph ? "\n\n" : "\n";
    made.text += line.text;
    sure.add(line.text, line.confidence);
  }
  made.confidence = sure.value();
  made.lines = std::move(found.lines);
  return made;
}

std::size_t readings_of(const pages_to_read::page& asked) {
  return asked.lines ? asked.lines->size() : 1;
}

} // namespace

rejection not_seen(const error& why) {
  const auto reason =
      why.code == errc::out_of_memory ? reject_reason::image_too_large : reject_reason::unreadable_image;
  return {reason, stage::prepare, why.message};
}

result<sequence> picture_as_it_is(picture pixels) {
  sequence one;
  one.image_tokens = std::max<std::size_t>(pixels.width * pixels.height / pixels_of_a_token, 1);
  one.image = std::make_shared<const picture>(std::move(pixels));
  return one;
}

result<pages_to_read> ask_to_read(std::vector<picture> pages, page_split split, std::vector<sequence>& ask,
                                  const std::function<result<sequence>(picture)>& given) {
  pages_to_read asked;
  for (auto& page : pages) {
    if (std::max(page.width, page.height) > printed::longest_side)
      return error{errc::out_of_memory, "a page of " + std::to_string(page.width) + " x "
                                            + std::to_string(page.height) + " pixels is longer than a reader takes ("
                                            + std::to_string(printed::longest_side) + ")"};
    auto& made = asked.pages.emplace_back();
    made.width = static_cast<std::uint32_t>(page.width);
    made.height = static_cast<std::uint32_t>(page.height);
    if (split == page_split::whole) {
      CHALK_TRY(auto whole, given(std::move(page)));
      ask.push_back(std::move(whole));
      continue;
    }
    made.lines = image::page_lines::find(std::move(page));
    for (std::size_t i = 0; i < made.lines->size(); ++i) {
      CHALK_TRY(auto line, given(made.lines->line(i)));
      ask.push_back(std::move(line));
    }
    made.lines->keep_places_alone();
  }
  return asked;
}

std::optional<file_reading> read_pages(const pages_to_read& asked, std::span<const page_reading> readings) {
  std::size_t expected = 0;
  for (const auto& page : asked.pages)
    expected += readings_of(page);
  if (readings.size() != expected)
    return std::nullopt;
  file_reading made;
  for (const auto& page : asked.pages) {
    const auto mine = readings.first(readings_of(page));
    readings = readings.subspan(mine.size());
    auto found = page.lines ? joined(*page.lines, mine) : mine.front();
    if (found.cut)
      made.reasons.emplace_back(review_reason::not_all_read, "page " + std::to_string(made.pages.size() + 1)
                                                                 + " was not read to its end: its time was over");
    made.pages.push_back(page_of(page, std::move(found)));
    const auto& read = made.pages.back();
    if (read.text.empty())
      continue;
    made.text += (made.text.empty() ? "" : "\n\n") + read.text;
    made.confidence = std::min(made.confidence.value_or(1), read.confidence);
  }
  if (made.text.empty())
    made.reasons.emplace_back(review_reason::nothing_found, "no text was found");
  return made;
}

} // namespace chalkstream::pipelines
