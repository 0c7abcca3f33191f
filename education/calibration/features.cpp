// Reads pairs from one file and embeddings from another, prints the features the grader would compute of each pair:
//   short_answer_features PAIRS EMBEDDINGS
// PAIRS has JSON lines {"id","text","references":[…]}, where known "question", and "graded":[[text,label],…], answers
// to the same question; EMBEDDINGS has JSON lines {"id","embedding"} whose id is the text itself, as `chalkstream
// infer
// --task embed` prints them. Out: the names of a pair's features, those of graded answers, then {"id","features":[…]}
// with "graded":[…] where there were some.
#include "education/graded_answers.hpp"
#include "education/json_writer.hpp"
#include "education/short_answer_features.hpp"

#include <cstdio>
#include <map>
#include <optional>
#include <simdjson.h>

using namespace chalkstream::education;

namespace {

std::map<std::string, embedded_text, std::less<>> read_embeddings(const char* file) {
  std::map<std::string, embedded_text, std::less<>> texts;
  simdjson::dom::parser parser;
  for (simdjson::dom::element line : parser.load_many(file)) {
    const std::string text{std::string_view{line["id"]}};
    embedded_text entry{text, analyse(text), {}};
    for (double x : line["embedding"].get_array())
      entry.embedding.push_back(static_cast<float>(x));
    texts.emplace(text, std::move(entry));
  }
  return texts;
}

template <class Row>
void write_row(json_writer& json, const Row& row) {
  json.begin_array();
  for (const auto& entry : row)
    if constexpr (std::is_convertible_v<decltype(entry), std::string_view>)
      json.string(entry);
    else
      json.number(entry);
  json.end_array();
}

template <class Row>
void print_names(const Row& names) {
  std::string out;
  json_writer json{out};
  write_row(json, names);
  std::puts(out.c_str());
}

void print_features(const char* file, const std::map<std::string, embedded_text, std::less<>>& texts) {
  simdjson::dom::parser parser;
  for (simdjson::dom::element line : parser.load_many(file)) {
    std::vector<const embedded_text*> references;
    for (std::string_view reference : line["references"].get_array())
      references.push_back(&texts.find(reference)->second);
    std::optional<analysed_text> question;
    if (std::string_view asked; line["question"].get(asked) == simdjson::SUCCESS)
      question = analyse(asked);
    const auto& answer = texts.find(std::string_view{line["text"]})->second;
    const auto found = compare(answer, references, question ? &*question : nullptr);
    std::string out;
    json_writer json{out};
    json.begin_object().key("id").string(std::string_view{line["id"]}).key("features");
    write_row(json, found.features);
    if (simdjson::dom::array list; line["graded"].get(list) == simdjson::SUCCESS && list.size() > 0) {
      std::vector<graded_text> graded;
      for (simdjson::dom::element one : list)
        graded.push_back(
            {&texts.find(std::string_view{one.at(0)})->second, answer_class_of(std::string_view{one.at(1)}).value()});
      json.key("graded");
      write_row(json, compare(answer, graded).features);
    }
    json.end_object();
    std::puts(out.c_str());
  }
}

} // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fputs("usage: short_answer_features PAIRS EMBEDDINGS\n", stderr);
    return 2;
  }
  try {
    print_names(feature_names);
    print_names(graded_feature_names);
    print_features(arguments[1], read_embeddings(arguments[2]));
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "short_answer_features: %s\n", failure.what());
    return 1;
  }
  return 0;
}
