// BERT (Devlin et al. 2018) as Hugging Face stores it: BertModel, BertForSequenceClassification, and the encoder of
// BertForMaskedLM and BertForPreTraining.
#include "models/families/family.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace chalkstream::models::families {
namespace {

struct bert_sizes {
  std::size_t vocabulary, width, layers, heads, inner, positions, types;
};

error unsupported(const settings& configuration, const std::string& what) {
  return {errc::unsupported, configuration.file() + ": " + what};
}

result<bert_sizes> read_sizes(const settings& c) {
  const auto size = [&](std::string_view name, std::size_t fallback, std::size_t limit) -> result<std::size_t> {
    CHALK_TRY(const auto n, c.whole_number(name, fallback));
    if (n == 0 || n > limit)
      return error{errc::invalid_configuration, c.file() + ": '" + std::string(name) + "' is " + std::to_string(n)
                                                    + "; it must be between 1 and " + std::to_string(limit)};
    return static_cast<std::size_t>(n);
  };
  bert_sizes s{};
  CHALK_TRY(s.vocabulary, size("vocab_size", 30522, 1u << 24));
  CHALK_TRY(s.width, size("hidden_size", 768, 1u << 16));
  CHALK_TRY(s.layers, size("num_hidden_layers", 12, 1024));
  CHALK_TRY(s.heads, size("num_attention_heads", 12, 1u << 12));
  CHALK_TRY(s.inner, size("intermediate_size", 3072, 1u << 18));
  CHALK_TRY(s.positions, size("max_position_embeddings", 512, 1u << 20));
  CHALK_TRY(s.types, size("type_vocab_size", 2, 1u << 16));
  if (s.width % s.heads != 0)
    return error{errc::invalid_configuration, c.file() + ": hidden_size " + std::to_string(s.width)
                                                  + " is not a multiple of num_attention_heads "
                                                  + std::to_string(s.heads)};
  return s;
}

result<void> refuse_what_is_not_an_encoder(const settings& c) {
  CHALK_TRY(const auto positions, c.text("position_embedding_type", "absolute"));
  if (positions != "absolute")
    return unsupported(c, "position_embedding_type '" + positions + "' is not supported; only 'absolute' is");
  for (const char* name : {"is_decoder", "add_cross_attention", "is_encoder_decoder"}) {
    CHALK_TRY(const auto set, c.flag(name, false));
    if (set)
      return unsupported(c, std::string(name) + " true is not supported: BERT is served as an encoder");
  }
  return {};
}

constexpr std::array architectures{"BertModel", "BertForSequenceClassification", "BertForMaskedLM",
                                   "BertForPreTraining"};

result<bool> is_classifier(const settings& c) {
  const auto* value = c.find("architectures");
  if (value == nullptr || value->is_null())
    return false;
  const auto* list = value->as<json_value::array>();
  const auto* name = list != nullptr && list->size() == 1 ? list->front().as<std::string>() : nullptr;
  if (name == nullptr)
    return error{errc::invalid_configuration, c.file() + ": 'architectures' must be a list of one name"};
  if (std::find(architectures.begin(), architectures.end(), *name) == architectures.end())
    return unsupported(c, "architecture '" + *name
                              + "' is not one this build knows (BertModel, "
                                "BertForSequenceClassification, BertForMaskedLM, BertForPreTraining)");
  return *name == "BertForSequenceClassification";
}

// Hands out tensors by name, checks their shapes, and remembers which were asked for.
class tensor_lookup {
public:
  tensor_lookup(const tensor_archive& weights, std::string prefix) : weights_(weights), prefix_(std::move(prefix)) {}

  result<const tensor_view*> take(const std::string& name, std::vector<std::size_t> shape) {
    const auto* tensor = weights_.find(prefix_ + name);
    if (tensor == nullptr)
      return error{errc::corrupt, "the weights have no tensor '" + prefix_ + name + "'"};
    if (tensor->shape != shape)
      return error{errc::corrupt, "tensor '" + tensor->name + "' has shape " + to_string(tensor->shape)
                                      + "; config.json asks for " + to_string(shape)};
    if (tensor->type != element_type::f32 && tensor->type != element_type::f16 && tensor->type != element_type::bf16)
      return error{errc::unsupported, "tensor '" + tensor->name + "' is " + std::string(to_string(tensor->type))
                                          + "; weights must be F32, F16 or BF16"};
    taken_.insert(tensor->name);
    return tensor;
  }

  result<linear_tensors> linear(const std::string& name, std::size_t out, std::size_t in) {
    linear_tensors tensors;
    CHALK_TRY(tensors.weight, take(name + ".weight", {out, in}));
    CHALK_TRY(tensors.bias, take(name + ".bias", {out}));
    return tensors;
  }

  // Checkpoints converted from TensorFlow call them gamma and beta.
  result<norm_tensors> norm(const std::string& name, std::size_t width) {
    const bool old = weights_.find(prefix_ + name + ".gamma") != nullptr;
    norm_tensors tensors;
    CHALK_TRY(tensors.gamma, take(name + (old ? ".gamma" : ".weight"), {width}));
    CHALK_TRY(tensors.beta, take(name + (old ? ".beta" : ".bias"), {width}));
    return tensors;
  }

  bool taken(const std::string& name) const { return taken_.contains(name); }
  const std::string& prefix() const noexcept { return prefix_; }

private:
  const tensor_archive& weights_;
  std::string prefix_;
  std::set<std::string> taken_;
};

// Buffers, heads of pre-training, and a pooler nobody asked for are known and not needed.
bool harmless(const std::string& name, const std::string& prefix) {
  return name == prefix + "embeddings.position_ids" || name == prefix + "embeddings.token_type_ids"
         || name.starts_with("cls.") || name == prefix + "pooler.dense.weight"
         || name == prefix + "pooler.dense.bias";
}

result<void> read_layers(tensor_lookup& find, const bert_sizes& s, encoder_description& encoder) {
  for (std::size_t i = 0; i < s.layers; ++i) {
    const std::string layer = "encoder.layer." + std::to_string(i) + ".";
    layer_tensors t;
    CHALK_TRY(t.query, find.linear(layer + "attention.self.query", s.width, s.width));
    CHALK_TRY(t.key, find.linear(layer + "attention.self.key", s.width, s.width));
    CHALK_TRY(t.value, find.linear(layer + "attention.self.value", s.width, s.width));
    CHALK_TRY(t.attention_output, find.linear(layer + "attention.output.dense", s.width, s.width));
    CHALK_TRY(t.attention_norm, find.norm(layer + "attention.output.LayerNorm", s.width));
    CHALK_TRY(t.up, find.linear(layer + "intermediate.dense", s.inner, s.width));
    CHALK_TRY(t.down, find.linear(layer + "output.dense", s.width, s.inner));
    CHALK_TRY(t.output_norm, find.norm(layer + "output.LayerNorm", s.width));
    encoder.layers.push_back(t);
  }
  return {};
}

// num_labels is implied by id2label, as in Hugging Face's own reader; without either there are two.
result<std::vector<std::string>> read_labels(const settings& c) {
  constexpr std::size_t most = 1u << 16;
  const auto* names = c.find("id2label");
  const auto* members = names ? names->as<json_value::object>() : nullptr;
  if (names != nullptr && !names->is_null() && members == nullptr)
    return error{errc::invalid_configuration, c.file() + ": 'id2label' must be an object"};
  CHALK_TRY(const auto count, c.whole_number("num_labels", members ? members->size() : 2));
  if (count == 0 || count > most || (members != nullptr && members->size() != count))
    return error{errc::invalid_configuration, c.file() + ": num_labels is " + std::to_string(count)
                                                  + ", id2label has " + std::to_string(members ? members->size() : 0)
                                                  + " names"};
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < count; ++i)
    labels.push_back("LABEL_" + std::to_string(i));
  if (members == nullptr)
    return labels;
  std::set<std::size_t> seen;
  for (const auto& [id, label] : *members) {
    const auto* text = label.as<std::string>();
    const bool numeric = !id.empty() && id.size() < 8 && id.find_first_not_of("0123456789") == std::string::npos;
    const auto at = numeric ? std::stoul(id) : count;
    if (text == nullptr || at >= count || !seen.insert(at).second)
      return error{errc::invalid_configuration,
                   c.file() + ": 'id2label' must give each id from 0 to " + std::to_string(count - 1) + " a string"};
    labels[at] = *text;
  }
  return labels;
}

result<void> read_head(tensor_lookup& find, const settings& c, const bert_sizes& s, model_description& model) {
  CHALK_TRY(model.labels, read_labels(c));
  CHALK_TRY(model.problem_type, c.text("problem_type", ""));
  if (!model.problem_type.empty() && model.problem_type != "regression"
      && model.problem_type != "single_label_classification" && model.problem_type != "multi_label_classification")
    return unsupported(c, "problem_type '" + model.problem_type + "' is not one this build knows");
  classifier_description head;
  CHALK_TRY(head.pooler, find.linear("pooler.dense", s.width, s.width));
  model.head = head;
  return {};
}

} // namespace

result<model_description> describe_bert(const settings& c, const tensor_archive& weights) {
  CHALK_CHECK(refuse_what_is_not_an_encoder(c));
  CHALK_TRY(const bool classifier, is_classifier(c));
  CHALK_TRY(const auto s, read_sizes(c));

  model_description model;
  auto& encoder = model.encoder;
  encoder.vocabulary = s.vocabulary;
  encoder.width = s.width;
  encoder.heads = s.heads;
  encoder.positions = s.positions;
  encoder.types = s.types;
  CHALK_TRY(encoder.activation, activation_of(c, "hidden_act"));
  CHALK_TRY(const auto epsilon, c.number("layer_norm_eps", 1e-12));
  if (!(epsilon >= 0 && epsilon < 1))
    return error{errc::invalid_configuration, c.file() + ": 'layer_norm_eps' must be between 0 and 1"};
  encoder.epsilon = static_cast<float>(epsilon);

  const bool wrapped = weights.find("bert.embeddings.word_embeddings.weight") != nullptr;
  tensor_lookup find(weights, wrapped ? "bert." : "");
  CHALK_TRY(encoder.word_table, find.take("embeddings.word_embeddings.weight", {s.vocabulary, s.width}));
  CHALK_TRY(encoder.position_table, find.take("embeddings.position_embeddings.weight", {s.positions, s.width}));
  CHALK_TRY(encoder.type_table, find.take("embeddings.token_type_embeddings.weight", {s.types, s.width}));
  CHALK_TRY(encoder.embedding_norm, find.norm("embeddings.LayerNorm", s.width));
  CHALK_CHECK(read_layers(find, s, encoder));

  tensor_lookup find_head(weights, "");
  if (classifier) {
    CHALK_CHECK(read_head(find, c, s, model));
    CHALK_TRY(model.head->classifier, find_head.linear("classifier", model.labels.size(), s.width));
  }
  for (const auto& tensor : weights.tensors())
    if (!find.taken(tensor.name) && !find_head.taken(tensor.name) && !harmless(tensor.name, find.prefix()))
      return error{errc::unsupported, "tensor '" + tensor.name + "' is not part of a BERT model this build knows"};
  return model;
}

} // namespace chalkstream::models::families
