#include "pipelines/tools/training/data_table.hpp"

#include "models/text/utf8.hpp"
#include "pipelines/tools/json_fields.hpp"
#include "pipelines/tools/training/data_file.hpp"
#include "pipelines/tools/training/delimited_text.hpp"

#include <algorithm>
#include <simdjson.h>
#include <unordered_map>

namespace chalkstream::pipelines::tools {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t most_rows = 5'000'000;
constexpr std::size_t most_columns = 1000;

class table_builder {
public:
  table_builder(std::string file, mistakes& wrong) : wrong_(wrong) { table_.file = std::move(file); }

  /// No row follows it where there are too many already.
  void begin_row(std::size_t line) {
    table_.rows.push_back({line, {}});
    full_ = full_ || table_.rows.size() > most_rows;
  }

  void set(std::string_view column, cell content) {
    auto at = columns_.find(std::string{column});
    if (at == columns_.end()) {
      if (table_.columns.size() == most_columns) {
        full_ = true;
        return;
      }
      at = columns_.emplace(column, table_.columns.size()).first;
      table_.columns.emplace_back(column);
    }
    auto& cells = table_.rows.back().cells;
    if (cells.size() <= at->second)
      cells.resize(at->second + 1);
    cells[at->second] = std::move(content);
  }

  void add_mistake(std::size_t line, std::string_view what) { wrong_.add(table_.file, line, what); }
  bool full() const { return full_; }

  result<data_table> take() && {
    if (full_)
      return error{errc::invalid_argument, table_.file + ": has more than " + std::to_string(most_rows) + " rows or "
                                               + std::to_string(most_columns) + " columns"};
    return std::move(table_);
  }

private:
  data_table table_;
  mistakes& wrong_;
  std::unordered_map<std::string, std::size_t> columns_;
  bool full_ = false;
};

cell cell_of(const dom::element& value) {
  cell made;
  if (dom::array list; value.get_array().get(list) == simdjson::SUCCESS) {
    made.is = cell::kind::list;
    for (const auto entry : list) {
      auto item = scalar(entry);
      if (!item)
        return {cell::kind::other, {}, {}};
      made.items.push_back(std::move(*item));
    }
    return made;
  }
  auto text = scalar(value);
  if (!text)
    return {value.is_null() ? cell::kind::missing : cell::kind::other, {}, {}};
  made.is = value.is_string() ? cell::kind::text : value.is_bool() ? cell::kind::boolean : cell::kind::number;
  made.value = std::move(*text);
  return made;
}

void read_json_lines(std::string_view text, table_builder& into) {
  dom::parser parser;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size() && !into.full();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos)
      continue;
    dom::object object;
    if (const auto failed = parser.parse(line.data(), line.size()).get_object().get(object)) {
      into.add_mistake(number, std::string{"not a JSON object: "} + simdjson::error_message(failed));
      continue;
    }
    into.begin_row(number);
    for (const auto& member : object) {
      dom::object within;
      if (member.value.get_object().get(within) == simdjson::SUCCESS) {
        for (const auto& inner : within)
          into.set(std::string{member.key} + "." + std::string{inner.key}, cell_of(inner.value));
      } else {
        into.set(member.key, cell_of(member.value));
      }
    }
  }
}

void read_fields(std::string_view content, char separator, bool quotes, table_builder& into) {
  std::vector<std::string> names;
  read_delimited(content, separator, quotes, [&](delimited_row&& row) {
    if (into.full())
      return;
    if (!row.mistake.empty())
      into.add_mistake(row.line, row.mistake);
    if (names.empty()) {
      names = std::move(row.fields);
      for (const auto& name : names)
        if (!text::is_valid_utf8(name))
          into.add_mistake(row.line, "the name of a column is not UTF-8");
      auto sorted = names;
      std::sort(sorted.begin(), sorted.end());
      if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
        into.add_mistake(row.line, "the column `" + *twice + "` is named twice");
      return;
    }
    if (row.fields.size() != names.size()) {
      into.add_mistake(row.line, std::to_string(row.fields.size()) + " fields; the first row names "
                                     + std::to_string(names.size()) + " columns");
      return;
    }
    into.begin_row(row.line);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto kind = row.fields[i].empty() ? cell::kind::missing : cell::kind::text;
      into.set(names[i], {kind, std::move(row.fields[i]), {}});
    }
  });
}

cell text_cell(std::string text) {
  return {cell::kind::text, std::move(text), {}};
}

/// One question with its answers; false if it is not in SQuAD's form.
bool read_question(const dom::element& question, table_builder& into) {
  dom::object members;
  dom::array answers;
  if (question.get_object().get(members) != simdjson::SUCCESS)
    return false;
  const auto id = field(members, "id");
  const auto text = field(members, "question");
  const auto list = field(members, "answers");
  if (!id || !text || !text->is_string() || !list || list->get_array().get(answers) != simdjson::SUCCESS)
    return false;
  cell texts{cell::kind::list, {}, {}};
  cell starts{cell::kind::list, {}, {}};
  for (const auto answer : answers) {
    dom::object parts;
    if (answer.get_object().get(parts) != simdjson::SUCCESS)
      return false;
    const auto said = field(parts, "text");
    const auto start = field(parts, "answer_start");
    if (!said || !said->is_string() || !start || !start->is_uint64())
      return false;
    texts.items.push_back(*scalar(*said));
    starts.items.push_back(*scalar(*start));
  }
  into.set("id", text_cell(scalar(*id).value_or("")));
  into.set("text", text_cell(*scalar(*text)));
  into.set("answers", std::move(texts));
  into.set("starts", std::move(starts));
  return true;
}

bool read_article(const dom::element& article, table_builder& into, std::size_t& number) {
  dom::object members;
  dom::array paragraphs;
  if (article.get_object().get(members) != simdjson::SUCCESS
      || members["paragraphs"].get_array().get(paragraphs) != simdjson::SUCCESS)
    return false;
  const auto title = field(members, "title");
  for (const auto paragraph : paragraphs) {
    std::string_view context;
    dom::array questions;
    if (paragraph["context"].get_string().get(context) != simdjson::SUCCESS
        || paragraph["qas"].get_array().get(questions) != simdjson::SUCCESS)
      return false;
    for (const auto question : questions) {
      into.begin_row(++number);
      into.set("title", title ? text_cell(scalar(*title).value_or("")) : cell{});
      into.set("pair", text_cell(std::string{context}));
      if (into.full() || !read_question(question, into))
        return into.full();
    }
  }
  return true;
}

result<void> read_squad(std::string_view text, const std::string& file, table_builder& into) {
  dom::parser parser;
  dom::element root;
  dom::array articles;
  if (const auto failed = parser.parse(text.data(), text.size()).get(root))
    return {errc::corrupt, file + ": not JSON: " + simdjson::error_message(failed)};
  if (root["data"].get_array().get(articles) != simdjson::SUCCESS)
    return {errc::corrupt, file
                               + ": not in SQuAD's form, {\"data\":[{\"paragraphs\":[{\"context\",\"qas\":[…]}]}]}; "
                                 "JSON lines end in .jsonl"};
  std::size_t number = 0;
  for (const auto article : articles)
    if (!read_article(article, into, number))
      return {errc::corrupt,
              file + ": question " + std::to_string(number)
                  + " is not in SQuAD's form, {\"id\",\"question\",\"answers\":[{\"text\",\"answer_start\"}]}"};
  return {};
}

} // namespace

std::string_view to_string(cell::kind kind) {
  switch (kind) {
  case cell::kind::missing:
    return "missing";
  case cell::kind::text:
    return "a text";
  case cell::kind::number:
    return "a number";
  case cell::kind::boolean:
    return "true or false";
  case cell::kind::list:
    return "a list";
  case cell::kind::other:
    break;
  }
  return "an object";
}

const cell& data_row::at(std::size_t column) const {
  static const cell none;
  return column < cells.size() ? cells[column] : none;
}

std::optional<std::size_t> data_table::find(std::string_view column) const {
  const auto at = std::find(columns.begin(), columns.end(), column);
  return at == columns.end() ? std::nullopt : std::optional(static_cast<std::size_t>(at - columns.begin()));
}

result<data_table> read_table(const std::filesystem::path& file, mistakes& wrong) {
  CHALK_TRY(const auto text, read_data(file));
  return parse_table(file, text, wrong);
}

result<data_table> parse_table(const std::filesystem::path& file, std::string_view text, mistakes& wrong) {
  table_builder into{file.string(), wrong};
  const auto form = file.extension().string();
  if (form == ".jsonl" || form == ".ndjson")
    read_json_lines(text, into);
  else if (form == ".csv")
    read_fields(text, ',', true, into);
  else if (form == ".tsv")
    read_fields(text, '\t', false, into);
  else if (form == ".json")
    CHALK_CHECK(read_squad(text, file.string(), into));
  else
    return error{errc::invalid_argument, file.string()
                                             + ": is of no known form; .jsonl, .csv, .tsv and, in SQuAD's form, "
                                               ".json are"};
  return std::move(into).take();
}

} // namespace chalkstream::pipelines::tools
