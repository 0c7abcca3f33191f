#include "pipelines/tools/training/examples.hpp"

#include "education/measures/label_measures.hpp"
#include "education/short_answer.hpp"
#include "models/text/utf8.hpp"
#include "pipelines/configuration/spelling.hpp"
#include "pipelines/tools/training/data_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace chalkstream::pipelines::tools {

namespace {

/// The byte at which a code point begins; the text's size for those beyond it.
std::size_t byte_of(std::string_view text, std::size_t code_point) {
  std::size_t at = 0;
  for (; code_point > 0 && at < text.size(); --code_point)
    at += text::utf8_length(static_cast<unsigned char>(text[at]));
  return std::min(at, text.size());
}

std::optional<double> finite_number(std::string_view text) {
  double number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{} || end != text.data() + text.size() || !std::isfinite(number))
    return std::nullopt;
  return number;
}

/// The columns of one file that count.
struct chosen_columns {
  std::size_t text = 0;
  std::optional<std::size_t> pair, start, group;
  std::vector<std::size_t> goals;
  std::vector<std::string> traits;
};

error no_column(const data_table& table, const std::string& wanted) {
  std::vector<std::string_view> known(table.columns.begin(), table.columns.end());
  std::string all;
  for (const auto name : known)
    all += (all.empty() ? "`" : ", `") + std::string{name} + "`";
  return {errc::invalid_argument, table.file + ": has no column `" + wanted + "`" + did_you_mean(wanted, known)
                                      + (all.empty() ? "; it has no rows" : "; it has " + all)};
}

result<std::size_t> column(const data_table& table, const std::string& name) {
  const auto found = table.find(name);
  if (!found)
    return no_column(table, name);
  return *found;
}

result<void> choose_scores(const data_table& table, const std::vector<std::string>& named, chosen_columns& into) {
  for (const auto& name : named) {
    if (const auto whole = table.find(name)) {
      into.goals.push_back(*whole);
      into.traits.push_back(named.size() == 1 ? "" : name);
      continue;
    }
    const auto stem = name + ".";
    std::set<std::pair<std::string, std::size_t>> parts;
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      if (table.columns[c].starts_with(stem))
        parts.emplace(table.columns[c].substr(stem.size()), c);
    if (parts.empty())
      return no_column(table, name);
    for (const auto& [trait, at] : parts) {
      into.goals.push_back(at);
      into.traits.push_back(trait);
    }
  }
  return {};
}

result<chosen_columns> choose(const data_table& table, const data_settings& settings) {
  const auto& named = settings.columns;
  chosen_columns chosen;
  CHALK_TRY(chosen.text, column(table, named.text));
  const bool paired = settings.what == recipe::pair || settings.what == recipe::span;
  if (paired || !named.pair.empty()) {
    CHALK_TRY(chosen.pair, column(table, named.pair.empty() ? "pair" : named.pair));
  }
  if (!named.group.empty()) {
    CHALK_TRY(chosen.group, column(table, named.group));
  }
  if (settings.learns() != learnt::scores && named.goals.size() > 1)
    return error{errc::invalid_argument, "a row has one label: `" + named.goals[0] + "`, `" + named.goals[1]
                                             + "` are several columns; scores may have as many"};
  switch (settings.learns()) {
  case learnt::label: {
    CHALK_TRY(const auto label, column(table, named.goals.empty() ? "label" : named.goals.front()));
    chosen.goals.push_back(label);
    break;
  }
  case learnt::text: {
    CHALK_TRY(const auto target, column(table, named.goals.empty() ? "target" : named.goals.front()));
    chosen.goals.push_back(target);
    break;
  }
  case learnt::scores:
    CHALK_CHECK(choose_scores(table, named.goals.empty() ? std::vector<std::string>{"score"} : named.goals, chosen));
    break;
  case learnt::summary: {
    const auto usual = table.find("summaries") ? "summaries" : "summary";
    CHALK_TRY(const auto summary, column(table, named.goals.empty() ? usual : named.goals.front()));
    chosen.goals.push_back(summary);
    break;
  }
  case learnt::answer: {
    const auto usual = table.find("answers") ? "answers" : "answer";
    CHALK_TRY(const auto answer, column(table, named.goals.empty() ? usual : named.goals.front()));
    chosen.goals.push_back(answer);
    if (!named.start.empty()) {
      CHALK_TRY(chosen.start, column(table, named.start));
    } else {
      chosen.start = table.find("starts") ? table.find("starts") : table.find("start");
    }
    break;
  }
  }
  return chosen;
}

class example_reader {
public:
  example_reader(const data_table& table, const chosen_columns& columns, learnt learns, cell::kind& label_kind,
                 mistakes& wrong)
      : table_(table), columns_(columns), learns_(learns), label_kind_(label_kind), wrong_(wrong) {}

  std::optional<text_example> read(const data_row& row) {
    row_ = &row;
    good_ = true;
    text_example made;
    made.line = row.line;
    made.text = learns_ == learnt::summary ? joined(columns_.text) : text(columns_.text);
    if (columns_.pair)
      read_pair(*columns_.pair, made);
    if (columns_.group)
      made.group = group(*columns_.group);
    if (learns_ == learnt::label)
      made.label = label(columns_.goals.front());
    else if (learns_ == learnt::scores)
      for (const auto goal : columns_.goals)
        made.scores.push_back(score(goal));
    else if (learns_ == learnt::text)
      made.target = text(columns_.goals.front());
    else if (learns_ == learnt::summary)
      made.answers = summaries(columns_.goals.front());
    else if (good_)
      read_answers(made);
    return good_ ? std::optional(std::move(made)) : std::nullopt;
  }

private:
  void mistake(std::size_t at, std::string_view what) {
    good_ = false;
    wrong_.add(table_.file, row_->line, "`" + table_.columns[at] + "` " + std::string{what});
  }

  std::string text(std::size_t at) {
    const auto& found = row_->at(at);
    if (found.is == cell::kind::missing)
      mistake(at, "is missing or empty");
    else if (found.is != cell::kind::text)
      mistake(at, "must be a text and is " + std::string{to_string(found.is)});
    else if (!text::is_valid_utf8(found.value))
      mistake(at, "is not UTF-8");
    return found.value;
  }

  // Of several references, the one that grading would have the model read first.
  void read_pair(std::size_t at, text_example& into) {
    const auto& found = row_->at(at);
    into.pair = std::string{};
    if (found.is != cell::kind::list || learns_ == learnt::answer)
      into.pair = text(at);
    else if (found.items.empty())
      mistake(at, "is an empty list");
    else if (!std::all_of(found.items.begin(), found.items.end(), text::is_valid_utf8))
      mistake(at, "is not UTF-8");
    else if (good_) {
      into.pair = found.items[education::closest_in_words(into.text, found.items, 1).front()];
      into.references = found.items;
    }
  }

  /// A text, or a list of its sentences.
  std::string joined(std::size_t at) {
    const auto& found = row_->at(at);
    if (found.is != cell::kind::list)
      return text(at);
    std::string whole;
    for (const auto& sentence : found.items)
      whole.append(whole.empty() ? "" : " ").append(sentence);
    if (whole.empty())
      mistake(at, "is missing or empty");
    else if (!text::is_valid_utf8(whole))
      mistake(at, "is not UTF-8");
    return whole;
  }

  std::vector<std::string> summaries(std::size_t at) {
    const auto& found = row_->at(at);
    auto all = found.is == cell::kind::list ? found.items : std::vector<std::string>{found.value};
    std::erase(all, "");
    if (found.is != cell::kind::list && found.is != cell::kind::text && found.is != cell::kind::missing)
      mistake(at, "must be a text or a list of texts");
    else if (all.empty())
      mistake(at, "is missing or empty");
    else if (!std::all_of(all.begin(), all.end(), [](const auto& one) { return text::is_valid_utf8(one); }))
      mistake(at, "is not UTF-8");
    return all;
  }

  std::string group(std::size_t at) {
    const auto& found = row_->at(at);
    if (found.is == cell::kind::missing)
      mistake(at, "is missing: each row must say what it belongs to");
    else if (found.is == cell::kind::list || found.is == cell::kind::other)
      mistake(at, "must be a text, a number or true or false to name a group");
    return found.value;
  }

  std::string label(std::size_t at) {
    const auto& found = row_->at(at);
    if (found.is == cell::kind::missing)
      mistake(at, "is missing");
    else if (found.is == cell::kind::list || found.is == cell::kind::other)
      mistake(at, "must be a text, a number or true or false");
    else if (!text::is_valid_utf8(found.value))
      mistake(at, "is not UTF-8");
    else if (label_kind_ == cell::kind::missing)
      label_kind_ = found.is;
    else if (label_kind_ != found.is)
      mistake(at, "is " + std::string{to_string(found.is)} + " here and " + std::string{to_string(label_kind_)}
                      + " in earlier rows; labels must be of one kind");
    return found.value;
  }

  double score(std::size_t at) {
    const auto& found = row_->at(at);
    const bool possible = found.is == cell::kind::number || found.is == cell::kind::text;
    const auto number = possible ? finite_number(found.value) : std::nullopt;
    if (found.is == cell::kind::missing)
      mistake(at, "is missing; leave rows without a score out");
    else if (!number)
      mistake(at, "must be a finite number");
    return number.value_or(0);
  }

  void read_answers(text_example& into) {
    const auto at = columns_.goals.front();
    const auto& found = row_->at(at);
    if (found.is == cell::kind::list)
      into.answers = found.items;
    else if (found.is == cell::kind::text)
      into.answers = {found.value};
    else if (found.is != cell::kind::missing)
      mistake(at, "must be a text or a list of texts");
    std::erase(into.answers, "");
    if (!into.answers.empty())
      find_answer(into, at);
  }

  void find_answer(text_example& into, std::size_t at) {
    const auto& passage = *into.pair;
    const auto& answer = into.answers.front();
    const cell none;
    const auto& stated = columns_.start ? row_->at(*columns_.start) : none;
    const auto start = stated.is == cell::kind::list && !stated.items.empty() ? stated.items.front() : stated.value;
    if (start.empty()) {
      const auto byte = passage.find(answer);
      if (byte == std::string::npos)
        mistake(at, "is not in the passage, letter by letter");
      else
        into.answer_start = text::count_code_points(std::string_view{passage}.substr(0, byte));
      return;
    }
    std::size_t number = 0;
    const auto [end, failed] = std::from_chars(start.data(), start.data() + start.size(), number);
    if (failed != std::errc{} || end != start.data() + start.size())
      mistake(*columns_.start, "must be a whole number of at least 0");
    else if (!std::string_view{passage}.substr(byte_of(passage, number)).starts_with(answer))
      mistake(*columns_.start, "is not where the answer begins in the passage, counted in code points");
    into.answer_start = number;
  }

  const data_table& table_;
  const chosen_columns& columns_;
  learnt learns_;
  cell::kind& label_kind_;
  mistakes& wrong_;
  const data_row* row_ = nullptr;
  bool good_ = true;
};

bool whole_number(const std::string& text, long& into) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), into);
  return failed == std::errc{} && end == text.data() + text.size();
}

} // namespace

learnt data_settings::learns() const {
  switch (what) {
  case recipe::classify:
  case recipe::image_classify:
  case recipe::gan:
    return learnt::label;
  case recipe::regress:
    return learnt::scores;
  case recipe::pair:
    return scores ? learnt::scores : learnt::label;
  case recipe::seq2seq:
  case recipe::ocr_line:
    return learnt::text;
  case recipe::summarize:
    return learnt::summary;
  case recipe::span:
    break;
  }
  return learnt::answer;
}

std::string example_set::place(const text_example& of) const {
  return files[of.file] + ":" + std::to_string(of.line);
}

result<example_set> read_examples(const std::vector<std::filesystem::path>& files, const data_settings& settings) {
  example_set set;
  mistakes wrong;
  auto label_kind = cell::kind::missing;
  for (const auto& file : files) {
    CHALK_TRY(const auto table, read_table(file, wrong));
    if (table.rows.empty() && wrong.none())
      return error{errc::corrupt, table.file + ": has no rows"};
    if (table.rows.empty())
      continue;
    CHALK_TRY(const auto columns, choose(table, settings));
    if (!set.files.empty() && columns.traits != set.traits)
      return error{errc::corrupt, table.file + ": has other scores than " + set.files.front()};
    set.traits = columns.traits;
    set.files.push_back(table.file);
    example_reader reader{table, columns, settings.learns(), label_kind, wrong};
    for (const auto& row : table.rows)
      if (auto example = reader.read(row)) {
        example->file = set.files.size() - 1;
        set.examples.push_back(std::move(*example));
      }
  }
  if (!wrong.none())
    return wrong.as_error();
  return set;
}

result<std::vector<std::string>> labels_of(const example_set& set) {
  std::set<std::string> seen;
  for (const auto& example : set.examples) {
    seen.insert(example.label);
    if (seen.size() > education::measures::most_labels)
      return error{errc::invalid_argument, set.place(example) + ": more than "
                                               + std::to_string(education::measures::most_labels)
                                               + " different labels: these are texts or scores, not classes"};
  }
  if (seen.size() < 2)
    return error{errc::invalid_argument,
                 (set.files.empty() ? std::string{"the data"} : set.files.front()) + ": every row has the label '"
                     + (seen.empty() ? std::string{} : *seen.begin()) + "'; there must be two at least"};
  std::vector<std::string> labels(seen.begin(), seen.end());
  long a = 0;
  long b = 0;
  if (std::all_of(labels.begin(), labels.end(), [&a](const std::string& label) { return whole_number(label, a); }))
    std::stable_sort(labels.begin(), labels.end(), [&](const std::string& left, const std::string& right) {
      return whole_number(left, a) && whole_number(right, b) && a < b;
    });
  return labels;
}

} // namespace chalkstream::pipelines::tools
