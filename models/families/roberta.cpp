// RoBERTa (Liu et al. 2019) and XLM-RoBERTa (Conneau et al. 2020): BERT's layers, positions that begin behind the
// padding id, and a head of their own.
#include "models/families/family.hpp"
#include "models/families/family_reader.hpp"

namespace chalkstream::models::families {
namespace {

constexpr std::array<std::string_view, 2> headless{"Model", "ForMaskedLM"};
constexpr std::array<std::string_view, 4> ignored{"embeddings.position_ids", "embeddings.token_type_ids", "lm_head.",
                                                  "pooler.dense."};

result<model_description> describe(const family_names& names, const settings& configuration,
                                   const tensor_archive& weights) {
  family_reader reader(names, configuration, weights);
  CHALK_CHECK(reader.read_configuration());
  auto& encoder = reader.model.encoder;
  CHALK_TRY(const auto padding, read_size(configuration, "pad_token_id", 1, (1u << 24) - 1, true));
  CHALK_CHECK(begin_positions_behind(padding, configuration, encoder));
  CHALK_CHECK(reader.read_embeddings(encoder.width));
  CHALK_CHECK(reader.read_layers());
  CHALK_CHECK(reader.read_head());
  return reader.finish();
}

} // namespace

constexpr family_names roberta_names{.title = "RoBERTa",
                                     .stem = "Roberta",
                                     .headless = headless,
                                     .prefix = "roberta.",
                                     .ignored = ignored,
                                     .vocabulary = {"vocab_size", 50265},
                                     .head = dense_head};

constexpr family_names xlm_roberta_names{.title = "XLM-RoBERTa",
                                         .stem = "XLMRoberta",
                                         .headless = headless,
                                         .prefix = "roberta.",
                                         .ignored = ignored,
                                         .vocabulary = {"vocab_size", 250002},
                                         .head = dense_head};

result<model_description> describe_roberta(const settings& configuration, const tensor_archive& weights) {
  return describe(roberta_names, configuration, weights);
}

result<model_description> describe_xlm_roberta(const settings& configuration, const tensor_archive& weights) {
  return describe(xlm_roberta_names, configuration, weights);
}

} // namespace chalkstream::models::families
