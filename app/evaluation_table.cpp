#include "app/evaluation_table.hpp"

#include "app/text_table.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace chalkstream::app {

namespace {

using pipelines::tools::evaluation;

constexpr std::size_t most_matrix_classes = 20;

std::string number(double value) {
  if (std::isnan(value))
    return "-";
  std::array<char, 400> text{};
  std::snprintf(text.data(), text.size(), "%.4f", value);
  return text.data();
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u; };
    const bool c1 = byte(i) == 0xC2 && byte(i + 1) >= 0x80 && byte(i + 1) < 0xA0;
    if (c1 || byte(i) < 0x20 || byte(i) == 0x7F)
      out += '?';
    else
      out += text[i];
    i += c1 ? 1 : 0;
  }
  return out;
}

void append(std::string& out, const text_table& table, std::size_t width) {
  for (const auto& line : table.lines(width))
    out.append(line).append("\n");
}

void append_figures(std::string& out, const evaluation& made, std::size_t width) {
  const auto& all = made.figures.all;
  const auto& bootstrap = made.settings.bootstrap;
  out += std::string{to_string(made.settings.task)} + ": " + format_count(all.rows) + " rows";
  if (bootstrap.resamples > 0)
    out += ", ranges: " + std::to_string(std::lround(100 * bootstrap.level)) + " % of "
           + format_count(bootstrap.resamples) + " resamples, seed " + std::to_string(bootstrap.seed);
  out += "\n\n";
  std::vector<std::string> heads{"figure", "value"};
  if (bootstrap.resamples > 0)
    heads.insert(heads.end(), {"from", "to"});
  text_table table{heads};
  for (const auto& figure : all.figures) {
    std::vector<std::string> row{printable(figure.name), number(figure.value)};
    if (bootstrap.resamples > 0)
      row.insert(row.end(), {number(figure.range.low), number(figure.range.high)});
    table.add(std::move(row));
  }
  append(out, table, width);
}

/// Columns of figures from `first` on, as many as surely fit beside a name and a count of rows.
std::size_t columns_that_fit(const evaluation& made, std::size_t first, std::size_t width) {
  constexpr std::size_t name_and_rows = 30;
  constexpr std::size_t narrowest = 10;
  const auto& figures = made.figures.all.figures;
  auto used = name_and_rows;
  auto last = first;
  while (last < figures.size()) {
    used += 2 + std::max(figures[last].name.size(), narrowest);
    if (used > width && last > first)
      break;
    ++last;
  }
  return last;
}

void append_groups(std::string& out, const evaluation& made, std::size_t width) {
  const auto& figures = made.figures.all.figures;
  for (std::size_t first = 0; !made.figures.groups.empty() && first < figures.size();) {
    const auto last = columns_that_fit(made, first, width);
    std::vector<std::string> heads{printable(made.settings.group), "rows"};
    for (auto f = first; f < last; ++f)
      heads.push_back(printable(figures[f].name));
    text_table table{heads};
    for (const auto& group : made.figures.groups) {
      std::vector<std::string> row{printable(group.group), format_count(group.rows)};
      for (auto f = first; f < last; ++f)
        row.push_back(number(group.figures[f].value));
      table.add(std::move(row));
    }
    out += "\n";
    append(out, table, width);
    first = last;
  }
}

void append_classes(std::string& out, const evaluation& made, std::size_t width) {
  const auto& matrix = *made.matrix;
  text_table classes{{"label", "precision", "recall", "F1", "rows"}};
  for (std::size_t c = 0; c < matrix.classes(); ++c)
    classes.add({printable(made.labels[c]), number(matrix.precision(c)), number(matrix.recall(c)),
                 number(matrix.f1(c)), format_count(matrix.referenced(c))});
  out += "\n";
  append(out, classes, width);

  std::vector<std::string> heads{"right \\ predicted"};
  for (const auto& label : made.labels)
    heads.push_back(printable(label));
  text_table counts{heads};
  for (std::size_t r = 0; r < matrix.classes(); ++r) {
    std::vector<std::string> row{printable(made.labels[r])};
    for (std::size_t p = 0; p < matrix.classes(); ++p)
      row.push_back(format_count(matrix.count(r, p)));
    counts.add(std::move(row));
  }
  // Half a matrix misleads: all of it or none.
  if (matrix.classes() <= most_matrix_classes && counts.lines(std::string::npos).front().size() <= width) {
    out += "\n";
    append(out, counts, width);
  }
}

} // namespace

std::string format_evaluation(const evaluation& made, std::size_t width) {
  std::string out;
  append_figures(out, made, width);
  append_groups(out, made, width);
  if (made.matrix)
    append_classes(out, made, width);
  return out;
}

} // namespace chalkstream::app
