#include "models/printed/page_engine.hpp"

#include "models/printed/single_thread.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <tesseract/baseapi.h>
#include <tesseract/ocrclass.h>
#include <tesseract/resultiterator.h>
#include <utility>

namespace chalkstream::printed {

namespace {

// It cannot find parts in less.
constexpr std::size_t smallest_side = 3;

std::string joined(const std::vector<std::string>& languages) {
  std::string all;
  for (const auto& language : languages)
    all += (all.empty() ? "" : "+") + language;
  return all;
}

tesseract::PageSegMode mode_of(page_layout layout) {
  switch (layout) {
  case page_layout::page:
    return tesseract::PSM_AUTO;
  case page_layout::block:
    return tesseract::PSM_SINGLE_BLOCK;
  case page_layout::line:
    return tesseract::PSM_SINGLE_LINE;
  case page_layout::sparse:
    return tesseract::PSM_SPARSE_TEXT;
  }
  return tesseract::PSM_AUTO;
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n\f\v";
  const auto from = text.find_first_not_of(blank);
  return from == std::string_view::npos ? std::string{}
                                        : std::string{text.substr(from, text.find_last_not_of(blank) - from + 1)};
}

std::string text_at(const tesseract::ResultIterator& at, tesseract::PageIteratorLevel level) {
  const std::unique_ptr<char[]> text{at.GetUTF8Text(level)};
  return text ? trimmed(text.get()) : std::string{};
}

picture_box box_at(const tesseract::ResultIterator& at, tesseract::PageIteratorLevel level) {
  int left = 0, top = 0, right = 0, bottom = 0;
  if (!at.BoundingBox(level, &left, &top, &right, &bottom))
    return {};
  const auto side = [](int value) { return static_cast<std::uint32_t>(std::max(value, 0)); };
  return {side(left), side(top), side(right - left), side(bottom - top)};
}

double confidence_at(const tesseract::ResultIterator& at) {
  const double percent = at.Confidence(tesseract::RIL_WORD);
  return std::isfinite(percent) ? std::clamp(percent / 100, 0.0, 1.0) : 0.0;
}

/// The words' mean, by their lengths.
double confidence_of(const std::vector<read_word>& words) {
  double sum = 0, length = 0;
  for (const auto& word : words) {
    sum += word.confidence * static_cast<double>(word.text.size());
    length += static_cast<double>(word.text.size());
  }
  return length > 0 ? sum / length : 0;
}

std::vector<read_line> lines_of(tesseract::ResultIterator* at) {
  std::vector<read_line> lines;
  bool paragraph = false;
  bool skipped = true; // the line that words belong to
  do {
    if (at->Empty(tesseract::RIL_WORD))
      continue;
    paragraph = paragraph || at->IsAtBeginningOf(tesseract::RIL_PARA) || at->IsAtBeginningOf(tesseract::RIL_BLOCK);
    if (at->IsAtBeginningOf(tesseract::RIL_TEXTLINE)) {
      auto text = text_at(*at, tesseract::RIL_TEXTLINE);
      skipped = text.empty();
      if (!skipped)
        lines.push_back({std::move(text),
                         box_at(*at, tesseract::RIL_TEXTLINE),
                         0,
                         {},
                         std::exchange(paragraph, false) && !lines.empty()});
    }
    auto word = text_at(*at, tesseract::RIL_WORD);
    if (!skipped && !word.empty())
      lines.back().words.push_back({std::move(word), box_at(*at, tesseract::RIL_WORD), confidence_at(*at)});
  } while (at->Next(tesseract::RIL_WORD));
  for (auto& line : lines)
    line.confidence = confidence_of(line.words);
  return lines;
}

} // namespace

struct page_engine::tesseract {
  ::tesseract::TessBaseAPI api;
  std::chrono::milliseconds max_time{};
};

page_engine::page_engine(std::unique_ptr<tesseract> made) : engine_(std::move(made)) {}
page_engine::page_engine(page_engine&&) noexcept = default;
page_engine& page_engine::operator=(page_engine&&) noexcept = default;
page_engine::~page_engine() = default;

result<page_engine> page_engine::make(const engine_settings& settings) {
  auto made = std::make_unique<tesseract>();
  made->max_time = settings.max_time;
  const std::vector<std::string> names{"debug_file"}; // else it talks on standard error
  const std::vector<std::string> values{"/dev/null"};
  if (made->api.Init(settings.data.c_str(), joined(settings.languages).c_str(), ::tesseract::OEM_LSTM_ONLY, nullptr,
                     0, &names, &values, false)
      != 0)
    return error{errc::not_found, settings.data.string() + ": Tesseract " + engine_version()
                                      + " cannot read its data of " + joined(settings.languages)};
  made->api.SetPageSegMode(mode_of(settings.layout));
  return page_engine(std::move(made));
}

result<page_reading> page_engine::read(const picture& page) {
  if ((page.channels != 1 && page.channels != 3) || page.values.size() != page.width * page.height * page.channels
      || page.width > longest_side || page.height > longest_side)
    return error{errc::invalid_argument, "a page to be read is grey or RGB and has up to "
                                             + std::to_string(longest_side) + " pixels each way; this one has "
                                             + std::to_string(page.width) + " x " + std::to_string(page.height)};
  page_reading found;
  if (page.width < smallest_side || page.height < smallest_side)
    return found;
  const single_thread on_this_core;
  auto& api = engine_->api;
  ::tesseract::ETEXT_DESC watch;
  watch.set_deadline_msecs(static_cast<std::int32_t>(engine_->max_time.count()));
  api.SetImage(page.values.data(), static_cast<int>(page.width), static_cast<int>(page.height),
               static_cast<int>(page.channels), static_cast<int>(page.width * page.channels));
  if (api.Recognize(&watch) == 0)
    if (const std::unique_ptr<::tesseract::ResultIterator> at{api.GetIterator()})
      found.lines = lines_of(at.get());
  found.cut = watch.deadline_exceeded();
  api.Clear(); // the picture goes, what it learnt from it too
  api.ClearAdaptiveClassifier();
  return found;
}

std::string engine_version() {
  return ::tesseract::TessBaseAPI::Version();
}

} // namespace chalkstream::printed
