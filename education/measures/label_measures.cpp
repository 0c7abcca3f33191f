#include "education/measures/label_measures.hpp"

#include "education/measures/kappa.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>
#include <optional>
#include <set>

namespace chalkstream::education::measures {

namespace {

using label_set = std::set<std::string, std::less<>>;

/// Only as the integer would be written: "07" is a label, not a step.
std::optional<long> integer(const std::string& label) {
  long value = 0;
  const auto end = label.data() + label.size();
  const auto [stopped, failed] = std::from_chars(label.data(), end, value);
  if (failed != std::errc{} || stopped != end || std::to_string(value) != label)
    return std::nullopt;
  return value;
}

/// Every step between the smallest and the largest, if all labels are integers and not too far apart.
std::vector<std::string> integer_scale(const label_set& labels) {
  std::optional<long> low;
  std::optional<long> high;
  for (const auto& label : labels) {
    const auto value = integer(label);
    if (!value)
      return {};
    low = std::min(low.value_or(*value), *value);
    high = std::max(high.value_or(*value), *value);
  }
  std::vector<std::string> steps;
  // Without sign: the distance of the two ends of long does not fit into one.
  if (!low || static_cast<unsigned long>(*high) - static_cast<unsigned long>(*low) > widest_scale)
    return steps;
  for (long step = *low;; ++step) {
    steps.push_back(std::to_string(step));
    if (step == *high)
      return steps;
  }
}

} // namespace

result<labelled_rows> number_labels(std::span<const std::string> predicted, std::span<const std::string> reference,
                                    std::span<const std::string> scale) {
  label_set seen(predicted.begin(), predicted.end());
  seen.insert(reference.begin(), reference.end());

  labelled_rows rows;
  rows.labels.assign(scale.begin(), scale.end());
  if (rows.labels.empty())
    rows.labels = integer_scale(seen);
  rows.ordinal = !rows.labels.empty();
  if (!rows.ordinal)
    rows.labels.assign(seen.begin(), seen.end());

  if (rows.labels.size() > most_labels)
    return {errc::invalid_argument, "there are " + std::to_string(rows.labels.size())
                                        + " different labels; more than " + std::to_string(most_labels)
                                        + " are texts, not classes"};

  std::map<std::string_view, std::uint32_t> places;
  for (const auto& label : rows.labels)
    if (!places.emplace(label, static_cast<std::uint32_t>(places.size())).second)
      return {errc::invalid_argument, "the scale has the label `" + label + "` twice"};
  for (const auto& label : seen)
    if (!places.contains(label))
      return {errc::invalid_argument, "the label `" + label + "` is not on the scale"};
  for (const auto& label : predicted)
    rows.predicted.push_back(places.find(label)->second);
  for (const auto& label : reference)
    rows.reference.push_back(places.find(label)->second);
  return rows;
}

label_measures::label_measures(labelled_rows rows, std::size_t bins)
    : rows_(std::move(rows)), bins_(bins), names_{"accuracy", "macro_f1"}, all_(rows_.reference.size()) {
  if (rows_.ordinal)
    names_.emplace_back("qwk");
  if (!rows_.confidence.empty())
    names_.emplace_back("ece");
  std::iota(all_.begin(), all_.end(), 0u);
}

std::vector<double> label_measures::of(row_list rows) const {
  const auto matrix = matrix_of(rows);
  std::vector<double> values{matrix.accuracy(), matrix.macro_f1()};
  if (rows_.ordinal)
    values.push_back(quadratic_weighted_kappa(matrix));
  if (!rows_.confidence.empty())
    values.push_back(expected_calibration_error(reliability_of(rows)));
  return values;
}

confusion_matrix label_measures::matrix() const {
  return matrix_of(all_);
}

std::vector<reliability_bin> label_measures::reliability() const {
  return rows_.confidence.empty() ? std::vector<reliability_bin>{} : reliability_of(all_);
}

confusion_matrix label_measures::matrix_of(row_list rows) const {
  confusion_matrix matrix{rows_.labels.size()};
  for (const auto row : rows)
    matrix.add(rows_.reference[row], rows_.predicted[row]);
  return matrix;
}

std::vector<reliability_bin> label_measures::reliability_of(row_list rows) const {
  std::vector<confident_verdict> verdicts;
  verdicts.reserve(rows.size());
  for (const auto row : rows)
    verdicts.push_back({rows_.confidence[row], rows_.predicted[row] == rows_.reference[row]});
  return reliability_bins(verdicts, bins_);
}

} // namespace chalkstream::education::measures
