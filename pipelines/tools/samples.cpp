#include "pipelines/tools/samples.hpp"

#include <cstdio>
#include <fstream>
#include <simdjson.h>

namespace chalkstream::pipelines::tools {

namespace {

namespace dom = simdjson::dom;

result<std::vector<std::string>> read_lines(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in)
    return {errc::not_found, file.string() + " cannot be read"};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(std::move(line));
  return lines;
}

std::optional<std::string> learner_of(dom::parser& parser, const std::string& line) {
  std::string_view learner;
  if (parser.parse(line)["learner"].get_string().get(learner) != simdjson::SUCCESS)
    return std::nullopt;
  return std::string{learner};
}

std::string text_of(const dom::element& from, const char* name) {
  std::string_view text;
  return from[name].get_string().get(text) == simdjson::SUCCESS ? std::string{text} : std::string{};
}

std::optional<double> number_of(const dom::element& from, const char* name) {
  double value = 0;
  return from[name].get_double().get(value) == simdjson::SUCCESS ? std::optional{value} : std::nullopt;
}

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

} // namespace

result<std::vector<sample>> read_samples(const std::filesystem::path& file, const std::filesystem::path& strewn) {
  CHALK_TRY(const auto good, read_lines(file));
  std::vector<std::string> broken;
  if (!strewn.empty()) {
    CHALK_TRY(broken, read_lines(strewn));
  }
  dom::parser parser;
  std::vector<sample> samples;
  const auto every = broken.empty() ? good.size() + 1 : good.size() / broken.size();
  auto next = broken.begin();
  for (std::size_t i = 0; i < good.size(); ++i) {
    samples.push_back({learner_of(parser, good[i]), good[i]});
    if ((i + 1) % every == 0 && next != broken.end())
      samples.push_back({std::nullopt, *next++});
  }
  for (; next != broken.end(); ++next)
    samples.push_back({std::nullopt, *next});
  return samples;
}

bool is_of_a_part(std::string_view result) {
  dom::parser parser;
  dom::object segment;
  dom::element json;
  return parser.parse(result.data(), result.size()).get(json) == simdjson::SUCCESS
         && json["segment"].get_object().get(segment) == simdjson::SUCCESS;
}

std::string in_a_sentence(std::string_view result) {
  dom::parser parser;
  dom::element json;
  if (parser.parse(result.data(), result.size()).get(json) != simdjson::SUCCESS)
    return "a result of an unknown form";
  std::string said = text_of(json, "event") + ": ";
  const auto score = number_of(json, "score");
  const auto full = number_of(json, "max_score");
  said += score ? short_number(*score) + (full ? " of " + short_number(*full) : "") : "no score";
  if (const auto label = text_of(json, "label"); !label.empty())
    said += ", " + label;
  if (const auto sure = number_of(json, "confidence"))
    said += " (confidence " + short_number(*sure) + ")";
  said += text_of(json, "decision") == "review" ? ", to a person" : ", out by itself";
  dom::array reasons;
  if (json["reasons"].get_array().get(reasons) == simdjson::SUCCESS)
    for (const auto reason : reasons)
      if (std::string_view text; reason.get_string().get(text) == simdjson::SUCCESS)
        said.append(said.find("because") == std::string::npos ? " because " : "; ").append(text);
  return said;
}

} // namespace chalkstream::pipelines::tools
