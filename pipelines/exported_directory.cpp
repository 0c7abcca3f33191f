#include "pipelines/exported_directory.hpp"

#include "pipelines/configuration/rules.hpp"
#include "pipelines/configuration/section.hpp"
#include "pipelines/configuration/units.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace chalkstream::pipelines {

namespace {

using models::exported_program;
using models::program_input;
using models::program_output;

constexpr std::uint64_t most_ids = std::numeric_limits<std::int32_t>::max();
constexpr std::uint64_t most_tokens = 1U << 20U;

class program_reader {
public:
  explicit program_reader(findings& wrong) : wrong_(wrong) {}

  exported_program read(const yaml_node& root) {
    config_section s(&root, "", wrong_);
    read_file(s);
    read_inputs(s);
    read_output(s);
    s.require("vocabulary", "how many token ids the program's table has");
    made_.vocabulary = s.count("vocabulary", 1, most_ids).value_or(1);
    made_.token_types = s.count("token_types", 1, most_ids).value_or(made_.token_types);
    s.require("max_tokens", "the most tokens that the program takes, special ones included");
    made_.max_tokens = s.count("max_tokens", 1, most_tokens).value_or(1);
    made_.padding_id = static_cast<std::int32_t>(s.count("padding_id", 0, most_ids).value_or(0));
    if (s.has("vocabulary") && static_cast<std::size_t>(made_.padding_id) >= made_.vocabulary)
      s.complain("padding_id", "expected an id below vocabulary, " + std::to_string(made_.vocabulary));
    if (const auto rows = s.count("fixed_batch", 1, most_tokens))
      made_.fixed_batch = *rows;
    made_.fixed_length = s.flag("fixed_length").value_or(false);
    if (made_.fixed_length && !made_.takes(program_input::attention_mask))
      s.complain("fixed_length", "needs an input that holds attention_mask, or padding would count as text");
    s.close();
    return std::move(made_);
  }

private:
  void read_file(config_section& s) {
    s.require("file", "the program: model.pt or model.pt2");
    made_.file = s.text("file").value_or("");
    if (const auto path = std::filesystem::path(made_.file); path.has_parent_path() || made_.file == "..")
      s.complain("file", "expected a name in this directory, found '" + made_.file + "'");
  }

  void read_inputs(config_section& s) {
    s.require("inputs", "the program's tensors in order, by name, and what each holds");
    for (const auto* entry : s.entries("inputs"))
      made_.inputs.push_back(read_input(*entry));
    if (!s.has("inputs"))
      return;
    const auto& inputs = made_.inputs;
    for (const auto& input : inputs)
      if (std::count_if(inputs.begin(), inputs.end(), [&](const auto& i) { return i.holds == input.holds; }) > 1) {
        s.complain("inputs", "two of them hold the same");
        break;
      }
    if (!made_.takes(program_input::input_ids))
      s.complain("inputs", "none of them holds input_ids");
  }

  models::input_tensor read_input(const yaml_entry& entry) {
    constexpr std::array<std::string_view, 4> words{"input_ids", "attention_mask", "token_type_ids", "position_ids"};
    config_section s(&entry.value, "inputs." + entry.key, wrong_);
    models::input_tensor input;
    input.name = entry.key;
    const auto named = std::find(words.begin(), words.end(), entry.key);
    if (named == words.end())
      s.require("holds", "input_ids, attention_mask, token_type_ids or position_ids");
    const auto same = named == words.end() ? 0 : static_cast<std::size_t>(named - words.begin());
    input.holds = static_cast<program_input>(
        s.choice("holds", {"input_ids", "attention_mask", "token_type_ids", "position_ids"}).value_or(same));
    input.type =
        static_cast<models::input_type>(s.choice("dtype", {"int64", "int32", "float32", "bool"}).value_or(0));
    s.close();
    return input;
  }

  void read_output(config_section& all) {
    all.require("output", "what the program gives");
    auto s = all.section("output");
    if (all.has("output"))
      s.require("holds", "embeddings, token_states, class_logits, scores, token_class_logits or span_logits");
    const auto holds = s.choice(
        "holds", {"embeddings", "token_states", "class_logits", "scores", "token_class_logits", "span_logits"});
    made_.output = static_cast<program_output>(holds.value_or(0));
    const bool vectors = head_of(made_.output) == models::head::embedding;
    only(s, "pooling", made_.output == program_output::token_states, "token_states");
    only(s, "normalize", vectors, "embeddings or token_states");
    only(s, "labels", !vectors && made_.output != program_output::span_logits, "logits of classes or scores");
    only(s, "multi_label", made_.output == program_output::class_logits, "class_logits");
    constexpr std::array modes{models::pooling_mode::first_token, models::pooling_mode::maximum,
                               models::pooling_mode::mean, models::pooling_mode::mean_by_root_length};
    if (const auto mode = s.choice("pooling", {"cls", "max", "mean", "mean_sqrt_len_tokens"}))
      made_.pooling = modes[*mode];
    made_.normalize = s.flag("normalize").value_or(made_.output == program_output::token_states);
    made_.multi_label = s.flag("multi_label").value_or(false);
    made_.labels = s.text_list("labels").value_or(std::vector<std::string>{});
    read_places(s);
    s.close();
  }

  static void only(config_section& s, std::string_view key, bool here, std::string_view with) {
    if (!here && s.has(key))
      s.complain(key, "belongs to an output that holds " + std::string(with));
  }

  void read_places(config_section& s) {
    const auto keys = s.text_list("key");
    const auto indices = s.text_list("index");
    if (keys && indices)
      s.complain("key", "there is an index, too: an output is found by either");
    std::vector<models::output_place> places;
    for (const auto& key : keys.value_or(std::vector<std::string>{}))
      places.push_back({0, key});
    for (const auto& index : keys ? std::vector<std::string>{} : indices.value_or(std::vector<std::string>{})) {
      const auto place = parse_count(index);
      if (!place || *place > 1024)
        s.complain("index", "expected whole numbers from 0 to 1024, found '" + index + "'");
      places.push_back({static_cast<std::size_t>(place.value_or(0))});
    }
    const std::size_t most = made_.output == program_output::span_logits ? 2 : 1;
    if (places.size() > most || ((keys || indices) && places.empty()))
      s.complain(keys ? "key" : "index",
                 most == 2 ? "expected one tensor, or one of starts and one of ends" : "expected one tensor");
    if (!places.empty())
      made_.places = std::move(places);
  }

  findings& wrong_;
  exported_program made_;
};

} // namespace

result<exported_program> parse_exported_program(std::string_view text, std::string_view name) {
  findings wrong;
  const auto root = parse_yaml(text, wrong);
  exported_program made;
  // After a syntax error half the keys would be reported as missing.
  if (root.kind != yaml_kind::null || wrong.empty())
    made = program_reader(wrong).read(root);
  if (!wrong.empty())
    return error_of(std::move(wrong), name);
  return made;
}

result<std::shared_ptr<const exported_program>> read_exported_program(const std::filesystem::path& directory) {
  const auto file = directory / "model.yaml";
  std::error_code none;
  if (!std::filesystem::exists(file, none))
    return std::shared_ptr<const exported_program>();
  CHALK_TRY(const auto text, read_yaml(file));
  CHALK_TRY(auto made, parse_exported_program(text, file.string()));
  return std::shared_ptr<const exported_program>(std::make_shared<const exported_program>(std::move(made)));
}

} // namespace chalkstream::pipelines
