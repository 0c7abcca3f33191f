#include "models/text/utf8.hpp"
#include "pipelines/tools/evaluation/mistakes.hpp"
#include "pipelines/tools/training/data_file.hpp"
#include "pipelines/tools/training/examples.hpp"

#include <algorithm>
#include <string_view>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::size_t most_lines = 5'000'000;

/// The lines of a text in turn, without their ends.
class line_walk {
public:
  explicit line_walk(std::string_view text) : left_(text) {}

  bool over() const { return left_.empty(); }

  std::string_view next() {
    const auto end = std::min(left_.find('\n'), left_.size());
    auto line = left_.substr(0, end);
    left_.remove_prefix(std::min(end + 1, left_.size()));
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    return line;
  }

private:
  std::string_view left_;
};

bool is_good(std::string_view line, const std::string& file, std::size_t number, mistakes& wrong) {
  const bool empty = line.find_first_not_of(" \t") == std::string_view::npos;
  const bool readable = text::is_valid_utf8(line);
  if (empty)
    wrong.add(file, number, "is empty: leave out lines that have no counterpart, in both files");
  else if (!readable)
    wrong.add(file, number, "is not UTF-8");
  return !empty && readable;
}

} // namespace

result<example_set> read_parallel(const std::filesystem::path& texts, const std::filesystem::path& targets) {
  CHALK_TRY(const auto text, read_data(texts));
  CHALK_TRY(const auto target, read_data(targets));
  example_set set;
  set.files = {texts.string()};
  mistakes wrong;
  line_walk left(text), right(target);
  std::size_t number = 0;
  for (; !left.over() && !right.over() && number < most_lines;) {
    const auto a = left.next();
    const auto b = right.next();
    ++number;
    const bool good = is_good(a, texts.string(), number, wrong);
    if (!is_good(b, targets.string(), number, wrong) || !good)
      continue;
    auto& example = set.examples.emplace_back();
    example.line = number;
    example.text = a;
    example.target = b;
  }
  if (number == most_lines && !left.over())
    return error{errc::invalid_argument, texts.string() + ": has more than " + std::to_string(most_lines) + " lines"};
  if (left.over() != right.over())
    wrong.add((left.over() ? targets : texts).string(), number + 1,
              "has no counterpart: the other file ends before it");
  if (number == 0 && wrong.none())
    return error{errc::corrupt, texts.string() + ": has no lines"};
  if (!wrong.none())
    return wrong.as_error();
  return set;
}

} // namespace chalkstream::pipelines::tools
