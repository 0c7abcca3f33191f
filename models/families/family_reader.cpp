#include "models/families/family_reader.hpp"

#include <string>
#include <utility>

namespace chalkstream::models::families {

family_reader::family_reader(const family_names& names, const settings& c, const tensor_archive& weights)
    : configuration(c), find(weights, names.prefix, "embeddings.word_embeddings.weight"), names_(names) {}

result<void> family_reader::read_configuration() {
  const auto& c = configuration;
  CHALK_CHECK(require_text(c, "position_embedding_type", "absolute"));
  CHALK_CHECK(refuse_flags(c, {"is_decoder", "add_cross_attention", "is_encoder_decoder"}));
  CHALK_TRY(head_, read_architecture(c, names_.stem, names_.headless));

  const auto size = [&](const size_key& named, std::size_t limit, bool may_be_none = false) {
    return read_size(c, named.key, named.fallback, limit, may_be_none);
  };
  auto& encoder = model.encoder;
  CHALK_TRY(encoder.vocabulary, size(names_.vocabulary, 1u << 24));
  CHALK_TRY(encoder.width, size(names_.width, 1u << 16));
  CHALK_TRY(layer_count_, size(names_.layers, 1024));
  CHALK_TRY(encoder.heads, size(names_.heads, 1u << 12));
  CHALK_TRY(inner_, size(names_.inner, 1u << 18));
  CHALK_TRY(position_rows_, size(names_.positions, 1u << 20));
  encoder.positions = position_rows_;
  if (!names_.types.key.empty()) {
    CHALK_TRY(encoder.types, size(names_.types, 1u << 16, names_.types.fallback == 0));
  }
  CHALK_CHECK(require_multiple(c, names_.width.key, encoder.width, names_.heads.key, encoder.heads));
  CHALK_TRY(encoder.activation, read_activation(c, names_.activation));
  CHALK_TRY(encoder.epsilon, read_epsilon(c, names_.epsilon));
  return {};
}

result<void> family_reader::read_embeddings(std::size_t width, bool with_positions) {
  auto& encoder = model.encoder;
  CHALK_TRY(encoder.word_table, find.take("embeddings.word_embeddings.weight", {encoder.vocabulary, width}));
  if (with_positions) {
    CHALK_TRY(encoder.position_table, find.take("embeddings.position_embeddings.weight", {position_rows_, width}));
  }
  if (encoder.types > 0) {
    CHALK_TRY(encoder.type_table, find.take("embeddings.token_type_embeddings.weight", {encoder.types, width}));
  }
  CHALK_TRY(encoder.embedding_norm, find.norm("embeddings.LayerNorm", width));
  return {};
}

std::string family_reader::layer_name(std::size_t layer, std::string_view tensor) const {
  return std::string(names_.layer) + std::to_string(layer) + "." + std::string(tensor);
}

result<void> family_reader::read_layers() {
  auto& encoder = model.encoder;
  const auto width = encoder.width;
  for (std::size_t i = 0; i < layer_count_; ++i) {
    const auto name = [&](std::string_view tensor) { return layer_name(i, tensor); };
    layer_tensors t;
    CHALK_TRY(t.query, find.linear(name(names_.query), width, width));
    CHALK_TRY(t.key, find.linear(name(names_.key), width, width));
    CHALK_TRY(t.value, find.linear(name(names_.value), width, width));
    CHALK_TRY(t.attention_output, find.linear(name(names_.attention_output), width, width));
    CHALK_TRY(t.attention_norm, find.norm(name(names_.attention_norm), width));
    CHALK_TRY(t.up, find.linear(name(names_.up), inner_, width));
    CHALK_TRY(t.down, find.linear(name(names_.down), width, inner_));
    CHALK_TRY(t.output_norm, find.norm(name(names_.output_norm), width));
    encoder.layers.push_back(t);
  }
  return {};
}

head_names names_of(const text_head& form, head_kind kind) {
  switch (kind) {
  case head_kind::text:
    return {std::string(form.pooler), form.pooler_inside, std::string(form.classifier)};
  case head_kind::tokens:
    return {{}, false, "classifier"};
  case head_kind::span:
    break;
  }
  return {{}, false, "qa_outputs"};
}

result<void> family_reader::read_head(std::optional<kernels::activation> activation) {
  if (!head_)
    return {};
  const auto width = model.encoder.width;
  CHALK_TRY(model.labels, read_labels(configuration));
  CHALK_TRY(model.problem_type, read_problem_type(configuration));
  head_description head;
  head.kind = *head_;
  if (head.kind == head_kind::span && model.labels.size() != 2)
    return {errc::invalid_configuration, configuration.file() + ": num_labels is "
                                             + std::to_string(model.labels.size())
                                             + "; question answering has 2, start and end"};
  const auto called = names_of(names_.head, head.kind);
  if (!called.pooler.empty()) {
    CHALK_TRY(head.pooler, called.pooler_inside ? find.linear(called.pooler, width, width)
                                                : find.head_linear(called.pooler, width, width));
    head.pooler_activation = activation.value_or(names_.head.activation);
  }
  CHALK_TRY(head.classifier, find.head_linear(called.classifier, model.labels.size(), width));
  model.head = head;
  return {};
}

result<model_description> family_reader::finish() {
  CHALK_CHECK(find.nothing_is_left(names_.title, names_.ignored));
  return std::move(model);
}

} // namespace chalkstream::models::families
