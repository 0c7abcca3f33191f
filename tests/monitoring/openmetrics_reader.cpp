#include "tests/monitoring/openmetrics_reader.hpp"

#include <cmath>
#include <cstdlib>
#include <regex>
#include <set>

namespace chalkstream::test {

namespace {

const std::regex name_form("[a-zA-Z_:][a-zA-Z0-9_:]*");
const std::regex number_form(R"([+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?[Ii]nf|NaN)");
// As the standard wants bounds: with a point or an exponent.
const std::regex bound_form(R"(-?[0-9]+\.[0-9]+|-?[0-9](\.[0-9]+)?e[+-][0-9]{2}|\+Inf)");

class reader {
public:
  explicit reader(std::string_view text) : left_(text) {}

  read_page read() {
    bool ended = false;
    while (!left_.empty() && page_.wrong.empty()) {
      const auto end = left_.find('\n');
      if (end == std::string_view::npos)
        wrong("the last line does not end");
      line_ = left_.substr(0, end);
      left_.remove_prefix(std::min(left_.size(), end + 1));
      if (ended)
        wrong("something follows the end");
      else if (line_ == "# EOF")
        ended = true;
      else if (line_.starts_with("# "))
        head();
      else
        sample();
    }
    if (!ended)
      wrong("there is no end");
    for (const auto& f : page_.families)
      check(f);
    return std::move(page_);
  }

private:
  void wrong(std::string_view why) {
    if (page_.wrong.empty())
      page_.wrong = std::string(why) + ": " + std::string(line_);
  }

  void head() {
    std::smatch parts;
    const std::string line(line_);
    static const std::regex form("# (TYPE|UNIT|HELP) (\\S+) (.*)");
    if (!std::regex_match(line, parts, form) || !std::regex_match(parts[2].str(), name_form))
      return wrong("no head");
    const auto about = parts[2].str(), text = parts[3].str();
    if (page_.families.empty() || page_.families.back().name != about) {
      if (!names_.insert(about).second)
        return wrong("a family in two parts");
      page_.families.push_back({about, "", "", "", {}});
    }
    auto& f = page_.families.back();
    if (!f.samples.empty())
      return wrong("a head behind samples");
    auto& place = parts[1] == "TYPE" ? f.type : parts[1] == "UNIT" ? f.unit : f.help;
    if (!place.empty())
      return wrong("said twice");
    static const std::set<std::string> types{"counter", "gauge", "histogram", "info"};
    if (parts[1] == "TYPE" && !types.contains(text))
      return wrong("no type");
    if (parts[1] == "UNIT" && !about.ends_with("_" + text))
      return wrong("a unit the name does not end with");
    if (std::regex_search(text, std::regex(R"((^|[^\\])(\\\\)*")")))
      return wrong("a quote that is not escaped");
    place = text;
  }

  bool take(char c) {
    if (!line_left_.starts_with(c))
      return false;
    line_left_.remove_prefix(1);
    return true;
  }

  std::string word(std::string_view until) {
    const auto size = std::min(line_left_.find_first_of(until), line_left_.size());
    const std::string taken(line_left_.substr(0, size));
    line_left_.remove_prefix(size);
    return taken;
  }

  std::map<std::string, std::string> labels() {
    std::map<std::string, std::string> all;
    if (!take('{'))
      return all;
    do {
      const auto name = word("=");
      std::string value;
      if (!std::regex_match(name, name_form) || !take('=') || !take('"'))
        wrong("no label");
      for (; !line_left_.empty() && line_left_.front() != '"'; line_left_.remove_prefix(1)) {
        if (line_left_.front() == '\\') {
          line_left_.remove_prefix(1);
          if (line_left_.empty() || std::string_view("\\\"n").find(line_left_.front()) == std::string_view::npos)
            wrong("no escape");
        }
        value += line_left_.front();
      }
      if (!take('"') || !all.emplace(name, value).second)
        wrong("a label twice, or without an end");
    } while (take(',') && page_.wrong.empty());
    if (!take('}'))
      wrong("labels without an end");
    return all;
  }

  double number() {
    const auto text = word(" ");
    if (!std::regex_match(text, number_form))
      wrong("no number");
    return std::strtod(text.c_str(), nullptr);
  }

  void sample() {
    line_left_ = line_;
    read_sample made;
    made.name = word("{ ");
    made.labels = labels();
    if (!take(' '))
      return wrong("no value");
    made.value = number();
    if (!line_left_.empty()) {
      if (!line_left_.starts_with(" # "))
        return wrong("something behind the value");
      line_left_.remove_prefix(3);
      auto& e = made.exemplar.emplace();
      e.labels = labels();
      if (!take(' '))
        return wrong("an exemplar without a value");
      e.value = number();
      if (!take(' '))
        return wrong("an exemplar without a time");
      e.timestamp = number();
      if (!line_left_.empty())
        return wrong("something behind the exemplar");
    }
    if (page_.families.empty())
      return wrong("a sample of no family");
    auto& f = page_.families.back();
    static const std::map<std::string, std::set<std::string>> endings{
        {"counter", {"_total"}}, {"gauge", {""}}, {"histogram", {"_bucket", "_count", "_sum"}}, {"info", {"_info"}}};
    const auto known = endings.find(f.type);
    if (known == endings.end() || !made.name.starts_with(f.name)
        || !known->second.contains(made.name.substr(f.name.size())))
      return wrong("a sample of another family, or before its type");
    if (made.exemplar && !made.name.ends_with("_bucket"))
      return wrong("an exemplar where there can be none");
    if (f.type == "info" && made.value != 1)
      return wrong("an info that is not 1");
    if (f.type == "counter" && !(made.value >= 0))
      return wrong("a counter below zero");
    if (!series_.emplace(made.name, made.labels).second)
      return wrong("a series twice");
    f.samples.push_back(std::move(made));
  }

  // Sums, bounds and exemplars of a family's histograms, which stand one behind the other.
  void check(const read_family& f) {
    if (f.type.empty() || f.help.empty() || f.samples.empty()) {
      line_ = f.name;
      return wrong("a family without type, help or samples");
    }
    if (f.type != "histogram")
      return;
    double below = -HUGE_VAL, sum = 0;
    bool negative = false, whole = true;
    for (const auto& s : f.samples) {
      line_ = s.name;
      if (!s.name.ends_with("_bucket")) {
        if (!whole || negative || (s.name.ends_with("_count") && s.value != sum))
          wrong("a sum or count that cannot be");
        continue;
      }
      const auto le = s.labels.contains("le") ? s.labels.at("le") : "";
      if (!std::regex_match(le, bound_form))
        wrong("a bound that is not canonical, " + le);
      const auto bound = std::strtod(le.c_str(), nullptr);
      if (whole) {
        below = -HUGE_VAL, sum = 0;
        negative = bound < 0;
      }
      if (bound <= below || s.value < sum || s.value != std::trunc(s.value))
        wrong("buckets that do not rise");
      check(s, below, bound);
      below = bound;
      sum = s.value;
      whole = std::isinf(bound);
    }
    if (!whole)
      wrong("a histogram without its last bucket");
  }

  void check(const read_sample& s, double below, double bound) {
    if (!s.exemplar)
      return;
    std::size_t characters = 0;
    for (const auto& [name, value] : s.exemplar->labels)
      characters += name.size() + value.size();
    if (characters > 128)
      wrong("an exemplar's labels are too long");
    if (!(s.exemplar->value > below && s.exemplar->value <= bound))
      wrong("an exemplar of another bucket");
    if (s.value == 0)
      wrong("an exemplar of nothing");
  }

  std::string_view left_, line_, line_left_;
  read_page page_;
  std::set<std::string> names_;
  std::set<std::pair<std::string, std::map<std::string, std::string>>> series_;
};

} // namespace

const read_family* read_page::family(std::string_view name) const {
  for (const auto& f : families)
    if (f.name == name)
      return &f;
  return nullptr;
}

const read_sample* read_page::sample(std::string_view name, const std::map<std::string, std::string>& labels) const {
  for (const auto& f : families)
    for (const auto& s : f.samples)
      if (s.name == name && s.labels == labels)
        return &s;
  return nullptr;
}

read_page read_openmetrics(std::string_view text) {
  return reader(text).read();
}

} // namespace chalkstream::test
