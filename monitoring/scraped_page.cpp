#include "monitoring/scraped_page.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace chalkstream::monitoring {

namespace {

bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}

bool goes_on(char c) {
  return starts_name(c) || (c >= '0' && c <= '9');
}

std::optional<double> number(std::string_view text) {
  if (text == "NaN")
    return std::numeric_limits<double>::quiet_NaN();
  if (text == "+Inf" || text == "Inf")
    return std::numeric_limits<double>::infinity();
  if (text == "-Inf")
    return -std::numeric_limits<double>::infinity();
  if (text.starts_with('+'))
    text.remove_prefix(1);
  double value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || failed != std::errc{} || end != text.data() + text.size())
    return {};
  return value;
}

// One line from the left to the right. Each step takes what it reads, or says no.
class line_reader {
public:
  line_reader(std::string_view line, const scrape_limits& limits) : left_(line), limits_(limits) {}

  std::string_view left() const noexcept { return left_; }

  void skip_blanks() {
    while (!left_.empty() && (left_.front() == ' ' || left_.front() == '\t'))
      left_.remove_prefix(1);
  }

  bool take(char c) {
    if (!left_.starts_with(c))
      return false;
    left_.remove_prefix(1);
    return true;
  }

  bool name(std::string& into) {
    const auto end = std::find_if_not(left_.begin(), left_.end(), goes_on) - left_.begin();
    const auto size = static_cast<std::size_t>(end);
    if (size == 0 || size > limits_.max_text || !starts_name(left_.front()))
      return false;
    into = left_.substr(0, size);
    left_.remove_prefix(size);
    return true;
  }

  bool quoted(std::string& into) {
    if (!take('"'))
      return false;
    for (into.clear(); !left_.empty() && into.size() <= limits_.max_text; left_.remove_prefix(1)) {
      const auto c = left_.front();
      if (c == '"') {
        left_.remove_prefix(1);
        return true;
      }
      if (c != '\\') {
        into += c;
        continue;
      }
      left_.remove_prefix(1);
      if (left_.empty() || (left_.front() != '\\' && left_.front() != '"' && left_.front() != 'n'))
        return false;
      into += left_.front() == 'n' ? '\n' : left_.front();
    }
    return false;
  }

  // What stands between the braces, the closing one included.
  bool labels(std::vector<std::pair<std::string, std::string>>& into) {
    for (skip_blanks(); !take('}'); skip_blanks()) {
      auto& [key, value] = into.emplace_back();
      if (into.size() > limits_.max_labels || !name(key))
        return false;
      skip_blanks();
      if (!take('='))
        return false;
      skip_blanks();
      if (!quoted(value))
        return false;
      skip_blanks();
      if (!take(',') && !left_.starts_with('}'))
        return false;
    }
    return true;
  }

  std::string_view word() {
    const auto size = std::min(left_.find_first_of(" \t"), left_.size());
    const auto taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

private:
  std::string_view left_;
  const scrape_limits& limits_;
};

} // namespace

std::string_view scraped_sample::label(std::string_view of) const noexcept {
  for (const auto& [key, value] : labels)
    if (key == of)
      return value;
  return {};
}

result<scraped_page> scraped_page::parse(std::string_view text, const scrape_limits& limits) {
  scraped_page page;
  for (std::size_t n = 1; !text.empty(); ++n) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    line_reader rest(line, limits);
    rest.skip_blanks();
    if (rest.left().empty() || rest.left().front() == '#')
      continue;
    const auto wrong = [n](std::string_view what) {
      return error{errc::corrupt, "line " + std::to_string(n) + " of the metrics: " + std::string(what)};
    };
    if (page.samples_.size() == limits.max_samples)
      return wrong("there are more than " + std::to_string(limits.max_samples) + " samples");
    scraped_sample sample;
    const auto from = rest.left();
    if (!rest.name(sample.name))
      return wrong("no name of a metric");
    rest.skip_blanks();
    if (rest.take('{') && !rest.labels(sample.labels))
      return wrong("labels that cannot be read");
    const auto series = from.substr(0, from.size() - rest.left().size());
    rest.skip_blanks();
    const auto value = number(rest.word());
    rest.skip_blanks();
    const auto when = rest.word();
    rest.skip_blanks();
    if (!value || !rest.left().empty() || (!when.empty() && !number(when)))
      return wrong("no number where the value should be");
    sample.value = *value;
    page.samples_.push_back(std::move(sample));
    page.series_.emplace_back(series);
  }
  for (std::size_t i = 0; i < page.series_.size(); ++i)
    page.places_.emplace(page.series_[i], i);
  return page;
}

double scraped_page::growth(std::size_t i, const scraped_page& before) const {
  const auto now = samples_[i].value;
  const auto at = before.places_.find(series_[i]);
  const auto then = at == before.places_.end() ? 0 : before.samples_[at->second].value;
  const auto grown = now >= then ? now - then : now;
  return std::isfinite(grown) && grown > 0 ? grown : 0;
}

} // namespace chalkstream::monitoring
