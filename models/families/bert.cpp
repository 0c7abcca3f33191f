// BERT (Devlin et al. 2018) as Hugging Face stores it.
#include "models/families/family.hpp"
#include "models/families/family_reader.hpp"

namespace chalkstream::models::families {
namespace {

constexpr std::array<std::string_view, 3> headless{"Model", "ForMaskedLM", "ForPreTraining"};
// Buffers, heads of pre-training, and a pooler nobody asked for.
constexpr std::array<std::string_view, 4> ignored{"embeddings.position_ids", "embeddings.token_type_ids", "cls.",
                                                  "pooler.dense."};

} // namespace

constexpr family_names bert_names{.title = "BERT",
                                  .stem = "Bert",
                                  .headless = headless,
                                  .prefix = "bert.",
                                  .ignored = ignored,
                                  .head = {"pooler.dense", true, kernels::activation::tanh, "classifier"}};

result<model_description> describe_bert(const settings& configuration, const tensor_archive& weights) {
  family_reader reader(bert_names, configuration, weights);
  CHALK_CHECK(reader.read_configuration());
  CHALK_CHECK(reader.read_embeddings(reader.model.encoder.width));
  CHALK_CHECK(reader.read_layers());
  CHALK_CHECK(reader.read_head());
  return reader.finish();
}

} // namespace chalkstream::models::families
