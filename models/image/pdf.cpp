// Pages of a PDF, rendered by poppler's pdftoppm in a child process: a PDF is a program of a kind, and what runs it
// must not take this process along (decision 0029).
#include "models/image/codecs.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "models/image/child_process.hpp"

namespace chalkstream::image {

namespace {

constexpr std::size_t end_mark_within = 1024;               // bytes of the end, as readers look for it
constexpr std::size_t bare_memory = std::size_t{128} << 20; // of the renderer before it has read anything
constexpr double points_of_an_inch = 72;

struct outline {
  std::size_t pages = 0;
  bool encrypted = false;
  /// In points; of those that were asked for.
  std::vector<std::pair<double, double>> sizes;
};

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(' ');
  return from == std::string_view::npos ? std::string_view{} : text.substr(from);
}

template <class Number>
std::optional<Number> number_at(std::string_view& text) {
  text = trimmed(text);
  Number value{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{})
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return value;
}

/// "595.276 x 841.89 pts (A4)"
std::optional<std::pair<double, double>> size_in(std::string_view text) {
  const auto width = number_at<double>(text);
  text = trimmed(text);
  if (!width || !text.starts_with('x'))
    return std::nullopt;
  text.remove_prefix(1);
  const auto height = number_at<double>(text);
  return height ? std::optional{std::pair{*width, *height}} : std::nullopt;
}

/// What pdfinfo prints. A title that looks like one of its lines leads to a wrong reason at most: pdftoppm is bounded
/// by itself.
outline outline_of(std::string_view text) {
  outline found;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos)
      continue;
    const auto name = line.substr(0, colon);
    auto value = trimmed(line.substr(colon + 1));
    if (name == "Pages")
      found.pages = number_at<std::size_t>(value).value_or(0);
    else if (name == "Encrypted")
      found.encrypted = value.starts_with("yes");
    else if (name.starts_with("Page ") && name.ends_with(" size"))
      if (const auto size = size_in(value))
        found.sizes.push_back(*size);
  }
  return found;
}

error over_memory(const allowance& costs) {
  return {errc::out_of_memory,
          "rendering it takes more than max_memory (" + std::to_string(costs.limits().max_memory) + " bytes)"};
}

/// One of poppler's programs over the file. Its complaints may quote the file and go no further.
result<child_answer> run_poppler(const char* program, const std::vector<std::string>& arguments, file_bytes file,
                                 std::size_t most_output, const allowance& costs) {
  CHALK_CHECK(costs.in_time());
  auto made = run_child(program, arguments, file,
                        {.memory = bare_memory + costs.left(), .time = costs.time_left(), .output = most_output});
  if (!made)
    return made.error().code == errc::not_found
               ? error{errc::unsupported, std::string("PDF is read by ") + program + ": install poppler-utils"}
               : made.error();
  if (made->over_time || made->status == 128 + SIGXCPU)
    return error{errc::out_of_memory, "rendering it takes longer than max_time ("
                                          + std::to_string(costs.limits().max_time.count()) + " ms)"};
  if (made->over_output)
    return over_memory(costs);
  const auto& said = made->complaints;
  if (said.find("Incorrect password") != std::string::npos)
    return corrupt("it is encrypted; please hand it in without a password");
  if (said.find("memory") != std::string::npos || said.find("bad_alloc") != std::string::npos)
    return over_memory(costs);
  // What it could not follow is missing on the page: rather no answer than half of one. Warnings are harmless.
  if (made->status != 0 || said.find("Error") != std::string::npos)
    return corrupt("it is damaged, or uses what its renderer does not know");
  return made;
}

result<void> check(const outline& found, const allowance& costs) {
  const auto& limits = costs.limits();
  if (found.encrypted)
    return corrupt("it is encrypted; please hand it in without a password");
  if (found.pages == 0)
    return corrupt("it has no pages");
  if (found.pages > limits.max_pages)
    return {errc::out_of_memory, "its " + std::to_string(found.pages) + " pages are more than max_pages ("
                                     + std::to_string(limits.max_pages) + ")"};
  for (const auto& [width, height] : found.sizes) {
    const auto pixels = [&](double points) {
      return static_cast<std::size_t>(std::clamp(std::ceil(points * limits.pdf_dpi / points_of_an_inch), 0.0, 1e9));
    };
    CHALK_CHECK(costs.fits(pixels(width), pixels(height)));
  }
  return {};
}

/// "P6\n1240 1754\n255\n" and the pixels, taken from the front of `stream`.
result<page> next_page(std::string_view& stream, allowance& costs) {
  auto left = stream;
  if (!left.starts_with("P6"))
    return corrupt("its renderer gave no page");
  left.remove_prefix(2);
  std::size_t numbers[3];
  for (auto& number : numbers) {
    left.remove_prefix(std::min(left.find_first_not_of(" \n"), left.size()));
    const auto read = number_at<std::size_t>(left);
    if (!read)
      return corrupt("its renderer gave no page");
    number = *read;
  }
  CHALK_TRY(auto pixels, costs.blank(numbers[0], numbers[1]));
  if (numbers[2] != 255 || left.size() < 1 + pixels.values.size())
    return corrupt("its renderer did not finish a page");
  std::memcpy(pixels.values.data(), left.data() + 1, pixels.values.size());
  stream = left.substr(1 + pixels.values.size());
  return page{std::move(pixels)};
}

} // namespace

result<std::vector<page>> decode_pdf(file_bytes file, allowance& costs) {
  const auto end = file.last(std::min(file.size(), end_mark_within));
  if (std::string_view(reinterpret_cast<const char*>(end.data()), end.size()).find("%%EOF") == std::string_view::npos)
    return corrupt("it is cut off: its end is missing");
  const auto last = std::to_string(costs.limits().max_pages);
  CHALK_TRY(const auto told, run_poppler("pdfinfo", {"-f", "1", "-l", last, "-"}, file, std::size_t{1} << 20, costs));
  const auto found = outline_of(told.output);
  CHALK_CHECK(check(found, costs));

  // What it prints and the pages made of it are there at once.
  CHALK_TRY(const auto printed,
            run_poppler("pdftoppm", {"-r", std::to_string(costs.limits().pdf_dpi), "-l", last, "-"}, file,
                        costs.left() / 2, costs));
  CHALK_TRY(const auto held, taken_bytes::from(costs, printed.output.size()));
  std::vector<page> pages;
  for (std::string_view left = printed.output; !left.empty();) {
    CHALK_TRY(auto one, next_page(left, costs));
    pages.push_back(std::move(one));
  }
  if (pages.size() != found.pages)
    return corrupt("some of its pages cannot be rendered");
  return pages;
}

} // namespace chalkstream::image
