#include "pipelines/tools/evaluation/evaluation_page.hpp"

#include "pipelines/tools/evaluation/markup.hpp"
#include "pipelines/tools/evaluation/pictures.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace chalkstream::pipelines::tools {

namespace measures = education::measures;

namespace {

constexpr std::string_view head = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Evaluation</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2733; background: #fff; max-width: 62rem; margin: 2rem auto;
       padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid #dde3ea; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
td.note, th.note { text-align: left; white-space: normal; color: #5b6b7b; }
.range { color: #5b6b7b; font-size: .85em; }
svg { max-width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; }
.ink { fill: #1c2733; } .light { fill: #fff; } .mark { fill: #1f5fa8; }
.line { stroke: #1c2733; stroke-dasharray: 4 3; } .faint { stroke: #dde3ea; }
</style>
</head>
<body>
)";

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> meanings = {{
    {"accuracy", "share of labels that are right"},
    {"macro_f1", "mean F1 of the classes"},
    {"qwk", "agreement on the scale beyond chance; quadratic weighted kappa, 1 is full"},
    {"ece", "how far confidence is from accuracy on average; 0 is calibrated"},
    {"rmse", "root mean squared error, in points of the score"},
    {"mae", "mean absolute error, in points of the score"},
    {"mcrmse", "mean of the traits' root mean squared errors"},
    {"pearson", "linear correlation, 1 is full"},
    {"exact_match", "answers that are one of the right ones, of 100"},
    {"f1", "overlap of words with the best right answer, of 100"},
    {"rouge1", "overlap of words with the reference, of 100"},
    {"rouge2", "overlap of pairs of words, of 100"},
    {"rougeL", "longest common sequence of words, of 100"},
    {"bleu", "n-grams of words that a reference has, of 100"},
    {"chrf", "overlap of character n-grams, of 100"},
    {"chrf++", "the same with words and pairs of words, of 100"},
}};

std::string range_of(const measures::interval& range) {
  return std::isnan(range.low) ? "" : fixed(range.low, 4) + " – " + fixed(range.high, 4);
}

std::string cell(std::string_view name, std::string_view text, std::string_view style = "") {
  std::string out{"<"};
  out.append(name);
  if (!style.empty())
    out.append(" class=\"").append(style).append("\"");
  // <bdi> keeps a right-to-left label from turning its neighbours round.
  return out.append("><bdi>").append(escaped(text)).append("</bdi></").append(name).append(">");
}

void add_facts(std::string& out, const evaluation& made) {
  const auto& settings = made.settings;
  out += "<h1>Evaluation: " + escaped(to_string(settings.task)) + "</h1>\n<p>" + std::to_string(made.figures.all.rows)
         + " rows of <b>" + escaped(settings.predictions.filename().string()) + "</b> against <b>"
         + escaped(settings.references.filename().string()) + "</b>.";
  if (settings.task == evaluated_task::translation)
    out += " BLEU with the tokenizer " + escaped(measures::to_string(settings.tokenizer)) + ".";
  if (settings.task == evaluated_task::summary)
    out += std::string{" ROUGE over words of "}
           + (settings.rouge.words == measures::words_of::latin ? "the letters a–z and digits" : "any script")
           + (settings.rouge.stem ? ", stemmed." : ".");
  if (settings.bootstrap.resamples > 0)
    out += " Ranges hold " + fixed(100 * settings.bootstrap.level, 0) + " % of "
           + std::to_string(settings.bootstrap.resamples) + " bootstrap resamples, seed "
           + std::to_string(settings.bootstrap.seed) + ".";
  out += "</p>\n";
}

void add_figures(std::string& out, const measures::group_figures& all) {
  const bool ranges = std::any_of(all.figures.begin(), all.figures.end(),
                                  [](const auto& figure) { return !range_of(figure.range).empty(); });
  out += "<h2>Figures</h2>\n<div class=\"scroll\"><table>\n<tr><th>figure</th><th>value</th>";
  out += ranges ? "<th>range</th>" : "";
  out += "<th class=\"note\">meaning</th></tr>\n";
  for (const auto& figure : all.figures)
    out += "<tr>" + cell("td", figure.name) + cell("td", fixed(figure.value, 4))
           + (ranges ? cell("td", range_of(figure.range), "range") : "") + cell("td", meaning_of(figure.name), "note")
           + "</tr>\n";
  out += "</table></div>\n";
}

void add_groups(std::string& out, const evaluation& made) {
  const auto& groups = made.figures.groups;
  if (groups.empty())
    return;
  out += "<h2>By <bdi>" + escaped(made.settings.group) + "</bdi></h2>\n<div class=\"scroll\"><table>\n<tr>"
         + cell("th", made.settings.group) + cell("th", "rows");
  for (const auto& figure : made.figures.all.figures)
    out += cell("th", figure.name);
  out += "</tr>\n";
  for (const auto& group : groups) {
    out += "<tr>" + cell("td", group.group) + cell("td", std::to_string(group.rows));
    for (const auto& figure : group.figures) {
      out += "<td>" + fixed(figure.value, 4);
      if (const auto range = range_of(figure.range); !range.empty())
        out += "<br><span class=\"range\">" + range + "</span>";
      out += "</td>";
    }
    out += "</tr>\n";
  }
  out += "</table></div>\n";
}

void add_classes(std::string& out, const evaluation& made) {
  const auto& matrix = *made.matrix;
  out += "<h2>Classes</h2>\n<div class=\"scroll\"><table>\n<tr><th>label</th><th>precision</th><th>recall</th>"
         "<th>F1</th><th>rows</th></tr>\n";
  for (std::size_t c = 0; c < matrix.classes(); ++c)
    out += "<tr>" + cell("td", made.labels[c]) + cell("td", fixed(matrix.precision(c), 4))
           + cell("td", fixed(matrix.recall(c), 4)) + cell("td", fixed(matrix.f1(c), 4))
           + cell("td", std::to_string(matrix.referenced(c))) + "</tr>\n";
  out += "</table></div>\n<h2>Confusion</h2>\n<div class=\"scroll\">";
  const auto picture = confusion_picture(made.labels, matrix);
  out += picture.empty() ? "<p>Too many classes for a picture; the JSON output has the counts.</p>" : picture;
  out += "</div>\n";
  if (!made.reliability.empty())
    out += "<h2>Reliability</h2>\n<p>Bars on the dashed line are confident as often as they are right.</p>\n"
           + reliability_picture(made.reliability) + "\n";
}

void add_scores(std::string& out, const measures::scored_rows& scores) {
  for (const auto& trait : scores.traits)
    out += "<h2>Scores" + (trait.name.empty() ? "" : ": <bdi>" + escaped(trait.name) + "</bdi>") + "</h2>\n"
           + scatter_picture(trait) + "\n";
}

} // namespace

std::string_view meaning_of(std::string_view figure) {
  const auto name = figure.substr(0, figure.find(':'));
  for (const auto& [known, meaning] : meanings)
    if (known == name)
      return meaning;
  return {};
}

std::string to_page(const evaluation& made, std::string_view more) {
  std::string out{head};
  add_facts(out, made);
  add_figures(out, made.figures.all);
  add_groups(out, made);
  if (made.matrix)
    add_classes(out, made);
  add_scores(out, made.scores);
  out.append(more).append("</body>\n</html>\n");
  return out;
}

} // namespace chalkstream::pipelines::tools
