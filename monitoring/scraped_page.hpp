// Reads Prometheus' text format back, for who looks at other processes without a Prometheus between. A page comes
// from the network and is believed in nothing: sizes are bounded, and what is no metric is an error that says the
// line.
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace chalkstream::monitoring {

struct scraped_sample {
  std::string name; // of histograms with _bucket, _sum or _count
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;

  /// Empty if it has none of that name.
  std::string_view label(std::string_view of) const noexcept;
};

struct scrape_limits {
  std::size_t max_samples = 200'000;
  std::size_t max_labels = 32;
  std::size_t max_text = 1024; // bytes of a name or a label's value
};

class scraped_page {
public:
  scraped_page() = default;
  scraped_page(scraped_page&&) = default;
  scraped_page& operator=(scraped_page&&) = default;

  /// `corrupt` for anything the format does not allow, or over a limit. Comments, types and timestamps are skipped.
  static result<scraped_page> parse(std::string_view text, const scrape_limits& limits = {});

  /// In the page's order.
  const std::vector<scraped_sample>& samples() const noexcept { return samples_; }

  /// What the i-th sample has grown by since `before`, a page of the same process: all of it where `before` lacks the
  /// series or is ahead of it, since the process began anew. Never negative, nor anything but a finite number.
  double growth(std::size_t i, const scraped_page& before) const;

private:
  std::vector<scraped_sample> samples_;
  std::vector<std::string> series_; // of each sample, its name and labels as they stand in the page
  std::unordered_map<std::string_view, std::size_t> places_; // by series_, which stays where it is
};

} // namespace chalkstream::monitoring
