#include "pipelines/tools/neighbours.hpp"

#include "models/text/word_tokenizer.hpp"
#include "models/text/word_vector_file.hpp"
#include "pipelines/tools/answer_lines.hpp"
#include "pipelines/tools/json_lines.hpp"

#include <cstdio>
#include <istream>
#include <ostream>

namespace chalkstream::pipelines::tools {

namespace {

/// A word may come from a stranger's file.
void append_quoted(std::string_view word, std::string& out) {
  out.push_back('"');
  for (const char c : word) {
    if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof(escaped), "\\u%04x", static_cast<unsigned>(c));
      out.append(escaped);
      continue;
    }
    if (c == '"' || c == '\\')
      out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
}

} // namespace

result<infer_counts> neighbours(std::istream& in, std::ostream& out, const std::filesystem::path& model,
                                std::size_t count) {
  CHALK_TRY(const bool has_words, text::has_word_vectors(model));
  if (!has_words)
    return error{errc::invalid_argument,
                 model.string() + ": has no word vectors (config.json's model_type is not word2vec)"};
  CHALK_TRY(const text::word_settings settings, text::read_word_settings(model));
  CHALK_TRY(const text::word_vectors vectors, text::load_vectors(model));
  infer_counts counts;
  CHALK_TRY(const int errors, answer_lines(in, out, [&](std::string_view line, std::string& answers) {
              const auto parsed = parse_line(line);
              if (const auto* wrong = std::get_if<line_error>(&parsed)) {
                append_error(wrong->id, wrong->message, answers);
                return false;
              }
              const auto& input = std::get<text_line>(parsed);
              std::vector<std::int32_t> words;
              for (const std::string& word : text::words_of(input.text, settings.lowercase))
                words.push_back(vectors.find(word));
              answers.append(R"({"id":)").append(input.id).append(R"(,"neighbours":[)");
              bool is_first = true;
              for (const auto& each : vectors.nearest(words, count)) {
                answers.append(is_first ? R"({"word":)" : R"(,{"word":)");
                is_first = false;
                append_quoted(vectors.words()[static_cast<std::size_t>(each.word)], answers);
                char number[32];
                std::snprintf(number, sizeof(number), R"(,"similarity":%.6f})", static_cast<double>(each.similarity));
                answers.append(number);
              }
              answers.append("]}\n");
              ++counts.answered;
              return true;
            }));
  counts.rejected = static_cast<std::uint64_t>(errors);
  return counts;
}

} // namespace chalkstream::pipelines::tools
