#include "models/ngrams/ngram_directory.hpp"

#include "models/device.hpp"
#include "models/families/configuration.hpp"
#include "models/loading.hpp"
#include "models/new_file.hpp"
#include "models/text/byte_alphabet.hpp"
#include "models/text/utf8.hpp"

#include <nlohmann/json.hpp>


namespace chalkstream::models {
namespace {

using json = nlohmann::ordered_json;

tensor_view floats(std::string name, std::vector<std::size_t> shape, std::span<const float> values) {
  return {std::move(name), element_type::f32, std::move(shape), std::as_bytes(values)};
}

// A byte-level BPE that merges nothing: a token is a byte, and its id the byte's value.
json byte_tokenizer() {
  json vocabulary = json::object();
  for (int byte = 0; byte < 256; ++byte) {
    char character[4];
    const auto size = text::encode_utf8(text::byte_character(static_cast<unsigned char>(byte)), character);
    vocabulary[std::string(character, size)] = byte;
  }
  const json byte_level{{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", false}, {"use_regex", true}};
  return {{"version", "1.0"},
          {"truncation", nullptr},
          {"padding", nullptr},
          {"added_tokens", json::array()},
          {"normalizer", nullptr},
          {"pre_tokenizer", byte_level},
          {"post_processor", nullptr},
          {"decoder", byte_level},
          {"model",
           {{"type", "BPE"},
            {"dropout", nullptr},
            {"unk_token", nullptr},
            {"continuing_subword_prefix", nullptr},
            {"end_of_word_suffix", nullptr},
            {"fuse_unk", false},
            {"byte_fallback", false},
            {"vocab", vocabulary},
            {"merges", json::array()}}}};
}

json configuration_of(const ngram_weights& weights, std::span<const std::string> labels) {
  json names = json::object();
  for (std::size_t i = 0; i < labels.size(); ++i)
    names[std::to_string(i)] = labels[i];
  return {{"model_type", std::string(ngrams_model_type)},
          {"architectures", {"NgramsForSequenceClassification"}},
          {"problem_type", weights.levels ? "single_label_classification" : "regression"},
          {"hash_bits", weights.settings.bits},
          {"shortest_character_ngram", weights.settings.shortest_characters},
          {"longest_character_ngram", weights.settings.longest_characters},
          {"longest_word_ngram", weights.settings.longest_words},
          {"id2label", names}};
}

struct opened_ngrams {
  tensor_archive archive;
  ngram_weights weights;
  std::vector<std::string> labels;
  std::string problem_type;
};

result<opened_ngrams> open(const std::filesystem::path& directory) {
  const auto file = directory / "config.json";
  CHALK_TRY(const auto root, read_configuration(directory));
  const settings configuration(file.string(), root);
  CHALK_TRY(auto archive, tensor_archive::open(directory));
  auto weights = read_ngram_weights(configuration, archive);
  if (!weights)
    return located(directory, weights.error());
  CHALK_TRY(auto labels, families::read_labels(configuration));
  CHALK_TRY(auto problem, families::read_problem_type(configuration));
  const auto wanted = weights->levels ? weights->levels->levels() : weights->outputs();
  if (labels.size() != wanted)
    return error{errc::invalid_configuration, file.string() + ": 'id2label' names " + std::to_string(labels.size())
                                                  + " labels, and the model has " + std::to_string(wanted)};
  return opened_ngrams{std::move(archive), std::move(*weights), std::move(labels), std::move(problem)};
}

} // namespace

result<void> write_ngram_directory(const std::filesystem::path& directory, const ngram_weights& weights,
                                   std::span<const std::string> labels) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed)
    return {errc::io, directory.string() + ": cannot be created: " + failed.message()};
  const auto buckets = weights.settings.buckets();
  const auto outputs = weights.outputs();
  std::vector<tensor_view> tensors{floats("ngrams.rarity", {buckets}, weights.rarity),
                                   floats("ngrams.weight", {outputs, buckets}, weights.weight),
                                   floats("shape.weight", {outputs, text_shape_width}, weights.shape),
                                   floats("bias", {outputs}, weights.bias)};
  if (weights.levels) {
    tensors.push_back(floats("levels.cuts", {weights.levels->cuts.size()}, weights.levels->cuts));
    tensors.push_back(floats("levels.spread", {1}, {&weights.levels->spread, 1}));
  }
  CHALK_CHECK(write_safetensors(directory / "model.safetensors", tensors));
  CHALK_CHECK(write_file(directory / "tokenizer.json", byte_tokenizer().dump(1) + "\n"));
  const json limits{{"model_max_length", longest_ngram_text}, {"tokenizer_class", "PreTrainedTokenizerFast"}};
  CHALK_CHECK(write_file(directory / "tokenizer_config.json", limits.dump(1) + "\n"));
  return write_file(directory / "config.json", configuration_of(weights, labels).dump(1) + "\n");
}

result<bool> has_ngrams(const std::filesystem::path& directory) {
  std::error_code none;
  if (!std::filesystem::exists(directory / "config.json", none))
    return false; // the encoders' error will say so
  CHALK_TRY(const auto root, read_json(directory / "config.json"));
  const auto* type = root.find("model_type");
  const auto* name = type == nullptr ? nullptr : type->as<std::string>();
  return name != nullptr && *name == ngrams_model_type;
}

result<loaded_model> load_ngram_model(const load_request& request, observer& watcher) {
  if (request.output != head::logits)
    return error{errc::invalid_configuration,
                 request.directory.string() + ": n-grams give levels or scores of a text, and nothing else"};
  CHALK_TRY(const auto where, parse_device(request.device));
  if (where.kind != device_kind::cpu)
    return error{errc::invalid_configuration, request.directory.string() + ": n-grams run on a CPU alone"};
  const std::string step = "load " + request.name;
  watcher.progress(step, 0);
  CHALK_TRY(auto opened, open(request.directory));
  CHALK_TRY(const auto digest, digest_of(request, opened.archive.files()));
  loaded_model loaded;
  loaded.labels = std::move(opened.labels);
  loaded.problem_type = std::move(opened.problem_type);
  loaded.has_classifier = true;
  loaded.weight_bytes = (opened.weights.rarity.size() + opened.weights.weight.size()) * sizeof(float);
  CHALK_TRY(loaded.max_tokens, tokenizer_limit(request.directory, longest_ngram_text));
  loaded.compute = std::make_shared<const ngram_model>(identity_of(request, digest), std::move(opened.weights));
  watcher.progress(step, 1);
  return loaded;
}

result<void> inspect_ngram_model(const std::filesystem::path& directory) {
  CHALK_TRY(const auto opened, open(directory));
  return {};
}

} // namespace chalkstream::models
