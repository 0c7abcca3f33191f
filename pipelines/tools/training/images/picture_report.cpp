#include "pipelines/tools/training/images/picture_report.hpp"

#include "pipelines/tools/evaluation/evaluation_page.hpp"
#include "pipelines/tools/evaluation/markup.hpp"
#include "pipelines/tools/training/images/bitmap.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::pipelines::tools {

namespace {

namespace measures = education::measures;

constexpr std::size_t most_shown = 60;
constexpr std::size_t longest_name = 40;

std::vector<double> shares(const std::vector<float>& logits) {
  const auto best = *std::max_element(logits.begin(), logits.end());
  std::vector<double> all;
  double total = 0;
  for (const auto logit : logits)
    total += all.emplace_back(std::exp(double{logit} - double{best}));
  for (auto& share : all)
    share /= total;
  return all;
}

struct mistake {
  std::size_t picture = 0;
  std::size_t predicted = 0;
  double predicted_share = 0;
  double right_share = 0;
};

std::vector<mistake> mistakes_of(const picture_set& set, const std::vector<std::vector<float>>& logits) {
  std::vector<mistake> all;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const auto all_shares = shares(logits[i]);
    const auto best = std::max_element(all_shares.begin(), all_shares.end());
    if (const auto predicted = static_cast<std::size_t>(best - all_shares.begin()); predicted != set.goals[i])
      all.push_back({i, predicted, *best, all_shares[set.goals[i]]});
  }
  std::stable_sort(all.begin(), all.end(), [](const mistake& a, const mistake& b) {
    return a.predicted_share - a.right_share > b.predicted_share - b.right_share;
  });
  return all;
}

std::string named(const std::string& label, double share) {
  return "<b><bdi>" + escaped(shortened(label, longest_name)) + "</bdi></b> " + fixed(100 * share, 1) + " %";
}

std::string mistakes_section(const picture_set& set, const std::vector<mistake>& all) {
  if (all.empty())
    return "<h2>Mistakes</h2>\n<p>There are none.</p>\n";
  const auto shown = std::min(all.size(), most_shown);
  std::string out = "<h2>Mistakes</h2>\n<p>" + std::to_string(all.size()) + " of " + std::to_string(set.size())
                    + (shown < all.size() ? "; the " + std::to_string(shown) + " it is most sure of" : std::string{})
                    + ". Predicted, then right.</p>\n<div style=\"display:flex;flex-wrap:wrap;gap:1rem\">\n";
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& one = all[i];
    out += "<figure style=\"margin:0;width:9rem\"><img style=\"width:7rem;image-rendering:pixelated\" alt=\"\" src=\""
           + data_uri(set.pictures[one.picture]) + "\"><figcaption>"
           + named(set.labels[one.predicted], one.predicted_share) + "<br>"
           + named(set.labels[set.goals[one.picture]], one.right_share) + "<br><span class=\"range\"><bdi>"
           + escaped(shortened(set.places[one.picture].name, longest_name)) + "</bdi></span></figcaption></figure>\n";
  }
  return out + "</div>\n";
}

} // namespace

measures::labelled_rows labelled(const picture_set& set, const std::vector<std::vector<float>>& logits) {
  measures::labelled_rows rows;
  rows.labels = set.labels;
  rows.reference = set.goals;
  for (const auto& row : logits) {
    const auto all = shares(row);
    const auto best = std::max_element(all.begin(), all.end());
    rows.predicted.push_back(static_cast<std::uint32_t>(best - all.begin()));
    rows.confidence.push_back(*best);
  }
  return rows;
}

std::string picture_report(const picture_set& set, const std::vector<std::vector<float>>& logits,
                           const std::filesystem::path& model) {
  const measures::label_measures measured{labelled(set, logits)};
  evaluation made;
  made.settings.predictions = model.has_filename() ? model : model.parent_path();
  made.settings.references = set.files.front();
  made.figures = measures::measure(measured, {}, {});
  made.labels = measured.labels();
  made.matrix = measured.matrix();
  made.reliability = measured.reliability();
  return to_page(made, mistakes_section(set, mistakes_of(set, logits)));
}

} // namespace chalkstream::pipelines::tools
