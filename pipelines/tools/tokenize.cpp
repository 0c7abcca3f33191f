#include "pipelines/tools/tokenize.hpp"

#include <array>
#include <charconv>
#include <istream>
#include <ostream>
#include <string>

#include "models/text/tokenizer.hpp"
#include "pipelines/tools/json_lines.hpp"

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::size_t max_line_bytes = std::size_t{64} << 20;
constexpr std::size_t flush_bytes = std::size_t{1} << 16;

enum class line_kind { whole, too_long, none };

/// The next line without its end. One that is too long is read past, not kept.
line_kind next_line(std::istream& in, std::string& line) {
  line.clear();
  std::streambuf& from = *in.rdbuf();
  constexpr int end = std::char_traits<char>::eof();
  bool too_long = false;
  int c = from.sbumpc();
  if (c == end)
    return line_kind::none;
  for (; c != end && c != '\n'; c = from.sbumpc()) {
    if (line.size() < max_line_bytes)
      line.push_back(static_cast<char>(c));
    else
      too_long = true;
  }
  return too_long ? line_kind::too_long : line_kind::whole;
}

template <class Number>
void append_number(Number number, std::string& out) {
  std::array<char, 16> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), written.ptr);
}

void append_answer(const std::string& id, const text::encoding& made, std::string& out) {
  out.append(R"({"id":)").append(id).append(R"(,"ids":[)");
  for (std::size_t k = 0; k < made.ids.size(); ++k) {
    if (k != 0)
      out.push_back(',');
    append_number(made.ids[k], out);
  }
  out.append(R"(],"offsets":[)");
  for (std::size_t k = 0; k < made.offsets.size(); ++k) {
    out.append(k != 0 ? ",[" : "[");
    append_number(made.offsets[k].first, out);
    out.push_back(',');
    append_number(made.offsets[k].second, out);
    out.push_back(']');
  }
  out.append("]}\n");
}

/// `message` is ours: ASCII without control characters.
void append_error(const std::string& id, std::string_view message, std::string& out) {
  out.append(R"({"id":)").append(id).append(R"(,"error":")");
  for (const char c : message) {
    if (c == '"' || c == '\\')
      out.push_back('\\');
    out.push_back(c);
  }
  out.append("\"}\n");
}

/// Answers one line; false when the answer is an error.
bool answer(const text::tokenizer& tokenizer, std::string_view line, std::string& out) {
  const auto parsed = parse_line(line);
  if (const auto* wrong = std::get_if<line_error>(&parsed)) {
    append_error(wrong->id, wrong->message, out);
    return false;
  }
  const auto& input = std::get<text_line>(parsed);
  const auto made =
      input.pair ? tokenizer.encode_pair(input.text, *input.pair, {}) : tokenizer.encode(input.text, {});
  if (!made) {
    append_error(input.id, made.error().message, out);
    return false;
  }
  append_answer(input.id, *made, out);
  return true;
}

} // namespace

result<int> tokenize(std::istream& in, std::ostream& out, const std::filesystem::path& model) {
  CHALK_TRY(const auto tokenizer, text::tokenizer::load(model));
  std::string line, answers;
  int errors = 0;
  for (line_kind kind; (kind = next_line(in, line)) != line_kind::none;) {
    if (kind == line_kind::too_long) {
      append_error("null", "the line has more than 64 MiB", answers);
      ++errors;
    } else if (line.find_first_not_of(" \t\r") != std::string::npos) {
      errors += answer(*tokenizer, line, answers) ? 0 : 1;
    }
    // What is written at once is bounded; a person at a terminal sees each answer as it is made.
    if (answers.size() >= flush_bytes || in.rdbuf()->in_avail() <= 0) {
      out.write(answers.data(), static_cast<std::streamsize>(answers.size())).flush();
      answers.clear();
      if (!out)
        return {errc::io, "the output cannot be written"};
    }
  }
  out.write(answers.data(), static_cast<std::streamsize>(answers.size())).flush();
  if (!out)
    return {errc::io, "the output cannot be written"};
  return errors;
}

} // namespace chalkstream::pipelines::tools
