// DistilBERT (Sanh et al. 2019): BERT's shape under other names, without token types.
#include "models/families/family.hpp"
#include "models/families/family_reader.hpp"

namespace chalkstream::models::families {
namespace {

constexpr std::array<std::string_view, 2> headless{"Model", "ForMaskedLM"};
constexpr std::array<std::string_view, 4> ignored{"embeddings.position_ids", "vocab_transform.", "vocab_layer_norm.",
                                                  "vocab_projector."};

} // namespace

constexpr family_names distilbert_names{.title = "DistilBERT",
                                        .stem = "DistilBert",
                                        .headless = headless,
                                        .prefix = "distilbert.",
                                        .ignored = ignored,
                                        .width = {"dim", 768},
                                        .layers = {"n_layers", 6},
                                        .heads = {"n_heads", 12},
                                        .inner = {"hidden_dim", 3072},
                                        .types = {"", 0},
                                        .activation = "activation",
                                        .layer = "transformer.layer.",
                                        .query = "attention.q_lin",
                                        .key = "attention.k_lin",
                                        .value = "attention.v_lin",
                                        .attention_output = "attention.out_lin",
                                        .attention_norm = "sa_layer_norm",
                                        .up = "ffn.lin1",
                                        .down = "ffn.lin2",
                                        .output_norm = "output_layer_norm",
                                        .head = {"pre_classifier", false, kernels::activation::relu, "classifier"}};

result<model_description> describe_distilbert(const settings& configuration, const tensor_archive& weights) {
  family_reader reader(distilbert_names, configuration, weights);
  CHALK_CHECK(reader.read_configuration());
  // Part of the architecture: Hugging Face's reader looks at no setting.
  reader.model.encoder.epsilon = 1e-12f;
  // Sinusoidal positions are stored like learned ones, so sinusoidal_pos_embds changes nothing.
  CHALK_CHECK(reader.read_embeddings(reader.model.encoder.width));
  CHALK_CHECK(reader.read_layers());
  CHALK_CHECK(reader.read_head());
  return reader.finish();
}

} // namespace chalkstream::models::families
