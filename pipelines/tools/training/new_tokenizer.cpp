#include "pipelines/tools/training/new_tokenizer.hpp"

#include "education/json_writer.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace chalkstream::pipelines::tools {

namespace {

using education::json_writer;

// Their places are their ids. Padding is also what every line begins with, as Marian has it.
constexpr std::array<std::string_view, 3> special = {"<pad>", "<unk>", "</s>"};
constexpr std::int32_t pad = 0;
constexpr std::int32_t unknown = 1;
constexpr std::int32_t end = 2;

constexpr std::string_view spaces = " \t\n\r\v\f";

using word_counts = std::unordered_map<std::string_view, std::uint64_t>;

void count(std::string_view text, word_counts& into) {
  for (std::size_t at = text.find_first_not_of(spaces); at != std::string_view::npos;) {
    const auto stop = std::min(text.find_first_of(spaces, at), text.size());
    ++into[text.substr(at, stop - at)];
    at = text.find_first_not_of(spaces, stop);
  }
}

/// The most frequent first, equals by their bytes.
std::vector<std::string_view> frequent_words(const example_set& set, const vocabulary_settings& settings) {
  word_counts counts;
  for (const auto& example : set.examples) {
    count(example.text, counts);
    count(example.target, counts);
  }
  for (const auto name : special)
    counts.erase(name);
  std::vector<std::pair<std::string_view, std::uint64_t>> sorted;
  for (const auto& [word, times] : counts)
    if (times >= settings.min_count)
      sorted.emplace_back(word, times);
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (sorted.size() + special.size() > settings.most_words)
    sorted.resize(settings.most_words - std::min(settings.most_words, special.size()));
  std::vector<std::string_view> words;
  words.reserve(sorted.size());
  for (const auto& [word, times] : sorted)
    words.push_back(word);
  return words;
}

void add_special(json_writer& json, std::size_t id) {
  json.begin_object().key("id").number(std::uint64_t{id}).key("content").string(special[id]);
  for (const char* no : {"single_word", "lstrip", "rstrip", "normalized"})
    json.key(no).boolean(false);
  json.key("special").boolean(true).end_object();
}

void add_template(json_writer& json, std::initializer_list<std::string_view> sequences) {
  json.begin_array();
  for (const auto id : sequences) {
    json.begin_object().key(id == special[end] ? "SpecialToken" : "Sequence").begin_object();
    json.key("id").string(id).key("type_id").number(std::uint64_t{0}).end_object().end_object();
  }
  json.end_array();
}

std::string tokenizer_json(const std::vector<std::string_view>& words) {
  std::string text;
  json_writer json{text};
  json.begin_object().key("version").string("1.0").key("truncation").null().key("padding").null();
  json.key("added_tokens").begin_array();
  for (std::size_t id = 0; id < special.size(); ++id)
    add_special(json, id);
  json.end_array().key("normalizer").null();
  json.key("pre_tokenizer").begin_object().key("type").string("WhitespaceSplit").end_object();
  json.key("post_processor").begin_object().key("type").string("TemplateProcessing");
  json.key("single");
  add_template(json, {"A", special[end]});
  json.key("pair");
  add_template(json, {"A", "B", special[end]});
  json.key("special_tokens").begin_object().key(special[end]).begin_object().key("id").string(special[end]);
  json.key("ids").begin_array().number(std::uint64_t{end}).end_array();
  json.key("tokens").begin_array().string(special[end]).end_array().end_object().end_object().end_object();
  json.key("decoder").null();
  json.key("model").begin_object().key("type").string("WordLevel").key("vocab").begin_object();
  std::uint64_t id = 0;
  for (const auto name : special)
    json.key(name).number(id++);
  for (const auto word : words)
    json.key(word).number(id++);
  json.end_object().key("unk_token").string(special[unknown]).end_object().end_object();
  text += "\n";
  return text;
}

std::string configuration_json(std::size_t max_tokens) {
  std::string text;
  json_writer json{text};
  json.begin_object().key("tokenizer_class").string("PreTrainedTokenizerFast");
  json.key("model_max_length").number(std::uint64_t{max_tokens});
  json.key("pad_token").string(special[pad]).key("unk_token").string(special[unknown]);
  json.key("eos_token").string(special[end]).key("clean_up_tokenization_spaces").boolean(false);
  // Nothing of it counts for the model: one text, one type.
  json.key("model_input_names").begin_array().string("input_ids").string("attention_mask").end_array().end_object();
  text += "\n";
  return text;
}

} // namespace

result<new_tokenizer> learn_words(const example_set& set, const vocabulary_settings& settings,
                                  std::size_t max_tokens) {
  const auto words = frequent_words(set, settings);
  if (words.empty())
    return error{errc::invalid_argument, set.files.front() + ": no word is there "
                                             + std::to_string(settings.min_count)
                                             + " times; allow rarer ones by --min-count"};
  new_tokenizer made;
  made.files = {{"tokenizer.json", tokenizer_json(words)}, {"tokenizer_config.json", configuration_json(max_tokens)}};
  CHALK_TRY(made.reads, text::tokenizer::parse(made.files.front().content));
  made.words = {made.reads->vocabulary_size(), pad, pad, end, unknown};
  return made;
}

} // namespace chalkstream::pipelines::tools
