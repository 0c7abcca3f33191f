#include "education/review_reason.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace chalkstream::education {
namespace {

using enum review_reason;

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// "a" "b" over two lines is one text.
std::string joined(const std::string& literals) {
  std::string all;
  const std::regex literal(R"rx("((?:[^"\\]|\\.)*)")rx");
  for (std::sregex_iterator at(literals.begin(), literals.end(), literal), end; at != end; ++at)
    all += (*at)[1];
  return all;
}

// The texts that the tasks give as reasons, read out of their sources: literals, constants, and the beginning of what
// is put together.
std::set<std::string> sentences_of_the_tasks() {
  std::set<std::string> found;
  std::map<std::string, std::string> constants;
  std::vector<std::string> sources;
  for (const auto* folder : {"pipelines", "education"})
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      if (const auto& file = entry.path(); (file.extension() == ".cpp" || file.extension() == ".hpp")
                                           && file.stem() != "service") // whose reasons are why it is not ready
        sources.push_back(content_of(entry.path()));
  const std::regex constant(R"rx(std::string_view (\w+) =\s*((?:"(?:[^"\\]|\\.)*"\s*)+);)rx");
  for (const auto& text : sources)
    for (std::sregex_iterator at(text.begin(), text.end(), constant), end; at != end; ++at)
      constants[(*at)[1]] = joined((*at)[2]);
  const std::regex given(R"rx(reasons\.(?:emplace|push)_back\(([^;]*)\);)rx");
  const std::regex reviewed(R"rx(review\(std::move\(what\),\s*("[^"]*"))rx");
  for (const auto& text : sources) {
    for (std::sregex_iterator at(text.begin(), text.end(), given), end; at != end; ++at) {
      const auto what = (*at)[1].str();
      if (const auto whole = joined(what); !whole.empty() && whole != "the reader's ") // … confidence is low
        found.insert(whole);
      for (const auto& [name, value] : constants)
        if (std::regex_search(what, std::regex("\\b" + name + "\\b")))
          found.insert(value);
    }
    for (std::sregex_iterator at(text.begin(), text.end(), reviewed), end; at != end; ++at)
      found.insert(joined((*at)[1]));
  }
  return found;
}

TEST(review_reason_test, every_sentence_of_the_tasks_has_a_reason_of_its_own) {
  const auto sentences = sentences_of_the_tasks();
  EXPECT_GT(sentences.size(), 25U); // there were 28 when this was written
  for (const auto& sentence : sentences)
    EXPECT_NE(review_reason_of(sentence), other) << sentence;
}

TEST(review_reason_test, sentences_mean_what_they_say) {
  EXPECT_EQ(review_reason_of("confidence 0.31 is below 0.50"), unsure);
  EXPECT_EQ(review_reason_of("the reader's confidence 0.31 is below 0.70"), unsure);
  EXPECT_EQ(review_reason_of("the essay model gives no confidence"), unsure);
  EXPECT_EQ(review_reason_of("the text is longer than the model reads; only its beginning was judged"), not_all_read);
  EXPECT_EQ(review_reason_of("page 2: what the model wrote was cut off at its longest"), not_all_read);
  EXPECT_EQ(review_reason_of("the model does not know the language zh"), language);
  EXPECT_EQ(review_reason_of("the text is mostly in a script the model does not know"), language);
  EXPECT_EQ(review_reason_of("too many words of the text are unknown to the model"), language);
  EXPECT_EQ(review_reason_of("the text seems to address the grader"), suspicious);
  EXPECT_EQ(review_reason_of("the answer may say the reverse of the reference"), contradiction);
  EXPECT_EQ(review_reason_of("no passage answers the question"), nothing_found);
  EXPECT_EQ(review_reason_of("no trained essay model is configured"), no_model);
  EXPECT_EQ(review_reason_of("the grade awaits review"), upstream);
  EXPECT_EQ(review_reason_of(""), other);
  EXPECT_EQ(review_reason_of("something new"), other);
}

} // namespace
} // namespace chalkstream::education
