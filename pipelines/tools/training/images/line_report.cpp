#include "pipelines/tools/training/images/line_report.hpp"

#include "education/measures/edit_distance.hpp"
#include "models/text/utf8.hpp"
#include "pipelines/tools/evaluation/markup.hpp"
#include "pipelines/tools/training/images/bitmap.hpp"

#include <algorithm>
#include <numeric>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::size_t most_shown = 60;
constexpr std::size_t longest_text = 300;
constexpr std::size_t longest_name = 80;

std::string shown(const std::string& text) {
  return "<bdi>" + escaped(shortened(text, longest_text)) + "</bdi>";
}

} // namespace

line_mistakes mistakes_in(const line_set& set, std::span<const models::reading::line_text> read) {
  line_mistakes made;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const auto right = text::decoded(set.texts[i]);
    const auto distance = education::measures::edit_distance(text::decoded(read[i].text), right);
    made.distances.push_back(distance);
    made.wrong += distance;
    made.characters += right.size();
    made.exact += distance == 0 ? 1 : 0;
  }
  return made;
}

std::string line_report(const line_set& set, std::span<const models::reading::line_text> read) {
  const auto found = mistakes_in(set, read);
  std::vector<std::size_t> order(set.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto share = [&](std::size_t i) {
    return static_cast<double>(found.distances[i]) / static_cast<double>(set.texts[i].size());
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return share(a) > share(b); });
  const auto wrong = set.size() - found.exact;
  order.resize(std::min(wrong, most_shown));

  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Lines that were read</title>\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
      "'unsafe-inline'\">\n<style>body{font:1rem "
      "sans-serif;margin:2rem;max-width:60rem}img{height:2rem;max-width:100%}"
      "figure{margin:0 0 1.5rem}small{color:#666}</style></head><body>\n<h1>Lines that were read</h1>\n<p>"
      + std::to_string(set.size()) + " lines, " + std::to_string(found.characters)
      + " characters: " + fixed(100 * found.cer(), 2) + " % wrong, missing or too many (cer); "
      + fixed(100 * static_cast<double>(found.exact) / static_cast<double>(set.size()), 1)
      + " % of the lines are without a mistake.</p>\n<h2>Mistakes</h2>\n";
  if (order.empty())
    return out + "<p>There are none.</p>\n</body></html>\n";
  out += "<p>" + std::to_string(wrong) + " of " + std::to_string(set.size())
         + (order.size() < wrong ? "; the " + std::to_string(order.size()) + " worst" : std::string{})
         + ". Read, then right.</p>\n";
  for (const auto i : order)
    out += "<figure><img alt=\"\" src=\"" + data_uri(set.pictures[i]) + "\"><figcaption>" + shown(read[i].text)
           + " <small>" + fixed(100 * read[i].confidence, 1) + " %</small><br>" + shown(set.texts[i]) + "<br><small>"
           + escaped(shortened(set.places[i].name, longest_name)) + "</small></figcaption></figure>\n";
  return out + "</body></html>\n";
}

} // namespace chalkstream::pipelines::tools
