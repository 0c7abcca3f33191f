// Reads pairs from one file and embeddings from another, prints the features the grader would compute of each pair:
//   short_answer_features PAIRS EMBEDDINGS
// PAIRS has JSON lines {"id","text","references":[…]}; EMBEDDINGS has JSON lines {"id","embedding"} whose id is the
// text itself, as `chalkstream infer --task embed` prints them. Out: the names first, then {"id","features":[…]}.
#include "education/json_writer.hpp"
#include "education/short_answer_features.hpp"

#include <cstdio>
#include <map>
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

void print_features(const char* file, const std::map<std::string, embedded_text, std::less<>>& texts) {
  simdjson::dom::parser parser;
  for (simdjson::dom::element line : parser.load_many(file)) {
    std::vector<const embedded_text*> references;
    for (std::string_view reference : line["references"].get_array())
      references.push_back(&texts.find(reference)->second);
    const auto found = compare(texts.find(std::string_view{line["text"]})->second, references);
    std::string out;
    json_writer json{out};
    json.begin_object().key("id").string(std::string_view{line["id"]}).key("features").begin_array();
    for (auto x : found.features)
      json.number(x);
    json.end_array().end_object();
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
    std::string out;
    json_writer json{out};
    json.begin_array();
    for (auto name : feature_names)
      json.string(name);
    json.end_array();
    std::puts(out.c_str());
    print_features(arguments[1], read_embeddings(arguments[2]));
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "short_answer_features: %s\n", failure.what());
    return 1;
  }
  return 0;
}
