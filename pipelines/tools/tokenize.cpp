#include "pipelines/tools/tokenize.hpp"

#include <array>
#include <charconv>
#include <string>

#include "models/text/tokenizer.hpp"
#include "pipelines/tools/answer_lines.hpp"
#include "pipelines/tools/json_lines.hpp"

namespace chalkstream::pipelines::tools {

namespace {

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
  return answer_lines(in, out,
                      [&](std::string_view line, std::string& answers) { return answer(*tokenizer, line, answers); });
}

} // namespace chalkstream::pipelines::tools
