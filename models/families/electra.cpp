// ELECTRA (Clark et al. 2020): BERT, with embeddings that may be narrower than the layers.
#include "models/families/family.hpp"
#include "models/families/family_reader.hpp"

namespace chalkstream::models::families {
namespace {

constexpr std::array<std::string_view, 3> headless{"Model", "ForMaskedLM", "ForPreTraining"};
constexpr std::array<std::string_view, 5> ignored{"embeddings.position_ids", "embeddings.token_type_ids",
                                                  "discriminator_predictions.", "generator_predictions.",
                                                  "generator_lm_head."};

} // namespace

constexpr family_names electra_names{
    .title = "ELECTRA",
    .stem = "Electra",
    .headless = headless,
    .prefix = "electra.",
    .ignored = ignored,
    .width = {"hidden_size", 256},
    .heads = {"num_attention_heads", 4},
    .inner = {"intermediate_size", 1024},
    .head = {"classifier.dense", false, kernels::activation::gelu, "classifier.out_proj"}};

result<model_description> describe_electra(const settings& configuration, const tensor_archive& weights) {
  family_reader reader(electra_names, configuration, weights);
  CHALK_CHECK(reader.read_configuration());
  auto& encoder = reader.model.encoder;
  CHALK_TRY(const auto width, read_size(configuration, "embedding_size", 128, 1u << 16));
  CHALK_CHECK(reader.read_embeddings(width));
  if (width != encoder.width) {
    CHALK_TRY(encoder.projection, reader.find.linear("embeddings_project", encoder.width, width));
  }
  CHALK_CHECK(reader.read_layers());
  CHALK_CHECK(reader.read_head());
  return reader.finish();
}

} // namespace chalkstream::models::families
