#include "pipelines/tools/answer_lines.hpp"

#include <istream>
#include <ostream>

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

} // namespace

void append_error(const std::string& id, std::string_view message, std::string& out) {
  out.append(R"({"id":)").append(id).append(R"(,"error":")");
  for (const char c : message) {
    if (c == '"' || c == '\\')
      out.push_back('\\');
    out.push_back(c);
  }
  out.append("\"}\n");
}

result<int> answer_lines(std::istream& in, std::ostream& out, const line_answer& answer) {
  std::string line, answers;
  int errors = 0;
  for (line_kind kind; (kind = next_line(in, line)) != line_kind::none;) {
    if (kind == line_kind::too_long) {
      append_error("null", "the line has more than 64 MiB", answers);
      ++errors;
    } else if (line.find_first_not_of(" \t\r") != std::string::npos) {
      errors += answer(line, answers) ? 0 : 1;
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
