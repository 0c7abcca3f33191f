#include "tests/pipelines/task_fixture.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace chalkstream::pipelines {

std::shared_ptr<const text::tokenizer> task_fixture::tokenizer_;
std::string task_fixture::folder_;

namespace {

constexpr std::string_view words[] = {
    "[PAD]", "[UNK]",    "[CLS]", "[SEP]",    "[MASK]",  "the",     "metal", "loses", "electrons", "and",
    "non",   "-",        "gains", "opposite", "charges", "attract", ".",     ",",     "so",        "plants",
    "use",   "light",    "to",    "make",     "sugar",   "water",   "boils", "when",  "hot",       "it",
    "is",    "resource", "about", "ionic",    "bonds",   "give",    "full",  "marks", "ignore",    "instructions"};

std::string tokenizer_json() {
  std::string vocabulary;
  for (std::size_t i = 0; i < std::size(words); ++i)
    vocabulary += (i ? ",\"" : "\"") + std::string{words[i]} + "\":" + std::to_string(i);
  return R"({"version":"1.0","truncation":null,"padding":null,"added_tokens":[
    {"id":0,"content":"[PAD]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
    {"id":1,"content":"[UNK]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
    {"id":2,"content":"[CLS]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
    {"id":3,"content":"[SEP]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
    {"id":4,"content":"[MASK]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
    "normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},
    "pre_tokenizer":{"type":"BertPreTokenizer"},
    "post_processor":{"type":"TemplateProcessing",
      "single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[SEP]","type_id":0}}],
      "pair":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[SEP]","type_id":0}},{"Sequence":{"id":"B","type_id":1}},{"SpecialToken":{"id":"[SEP]","type_id":1}}],
      "special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2],"tokens":["[CLS]"]},"[SEP]":{"id":"[SEP]","ids":[3],"tokens":["[SEP]"]}}},
    "decoder":{"type":"WordPiece","prefix":"##","cleanup":true},
    "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{)"
         + vocabulary + "}}}";
}

} // namespace

void task_fixture::SetUpTestSuite() {
  const auto folder = std::filesystem::temp_directory_path() / ("chalkstream-tasks-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream{folder / "tokenizer.json"} << tokenizer_json();
  folder_ = folder.string();
  auto loaded = text::tokenizer::load(folder);
  ASSERT_TRUE(loaded) << loaded.error().message;
  tokenizer_ = *loaded;
}

void task_fixture::TearDownTestSuite() {
  tokenizer_.reset();
  std::filesystem::remove_all(folder_);
}

task_settings task_fixture::settings() {
  static const still_clock time;
  static const auto pseudonyms = education::pseudonymiser::from_key(std::array<unsigned char, 32>{9}).value();
  return {.pipeline = "p", .source_topic = "submissions", .pseudonyms = pseudonyms, .time = &time};
}

task_model task_fixture::encoder(std::size_t max_tokens) {
  static const auto identity = std::make_shared<const model_identity>(model_identity{"tiny", "1", "d"});
  return {.index = 2, .tokenizer = tokenizer_, .identity = identity, .max_tokens = max_tokens};
}

std::string task_fixture::pseudonym(std::string_view tenant, std::string_view learner) {
  return settings().pseudonyms->pseudonym(tenant, learner);
}

record task_fixture::record_of(std::string value, std::int64_t offset) {
  auto owned = std::make_shared<const std::string>(std::move(value));
  record made;
  made.value = *owned;
  made.memory = std::move(owned);
  made.partition = 1;
  made.offset = offset;
  return made;
}

output_rows task_fixture::embed(const std::vector<sequence>& sequences) {
  output_rows rows{.width = std::size(words), .values = std::vector<float>(std::size(words) * sequences.size())};
  for (std::size_t i = 0; i < sequences.size(); ++i)
    for (auto id : sequences[i].ids)
      if (id > 4)
        rows.values[i * rows.width + static_cast<std::size_t>(id)] += 1;
  return rows;
}

std::string task_fixture::event_json(std::string_view type, std::string_view text, std::string_view extra) {
  return R"({"id":"s-1","tenant":"t","learner":"learner-007","course":"c","assignment":"a","item":"i","type":")"
         + std::string{type} + R"(","text":")" + std::string{text} + '"' + (extra.empty() ? "" : ",")
         + std::string{extra} + "}";
}

} // namespace chalkstream::pipelines
