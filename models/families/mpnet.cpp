// MPNet (Song et al. 2020): RoBERTa's positions, no token types, and one bias a head and bucket of distances.
#include "models/families/family.hpp"
#include "models/families/family_reader.hpp"

namespace chalkstream::models::families {
namespace {

constexpr std::array<std::string_view, 2> headless{"Model", "ForMaskedLM"};
constexpr std::array<std::string_view, 3> ignored{"embeddings.position_ids", "lm_head.", "pooler.dense."};

// Both are fixed in the published model, whatever its configuration says.
constexpr std::size_t padding = 1;
constexpr std::size_t buckets = 32;

} // namespace

constexpr family_names mpnet_names{.title = "MPNet",
                                   .stem = "MPNet",
                                   .headless = headless,
                                   .prefix = "mpnet.",
                                   .ignored = ignored,
                                   .vocabulary = {"vocab_size", 30527},
                                   .types = {"", 0},
                                   .query = "attention.attn.q",
                                   .key = "attention.attn.k",
                                   .value = "attention.attn.v",
                                   .attention_output = "attention.attn.o",
                                   .attention_norm = "attention.LayerNorm",
                                   .head = dense_head};

result<model_description> describe_mpnet(const settings& configuration, const tensor_archive& weights) {
  family_reader reader(mpnet_names, configuration, weights);
  CHALK_CHECK(reader.read_configuration());
  auto& encoder = reader.model.encoder;
  CHALK_CHECK(require_number(configuration, "relative_attention_num_buckets", buckets));
  CHALK_CHECK(begin_positions_behind(padding, configuration, encoder));
  CHALK_CHECK(reader.read_embeddings(encoder.width));
  distance_bias bias;
  CHALK_TRY(bias.table, reader.find.take("encoder.relative_attention_bias.weight", {buckets, encoder.heads}));
  encoder.bias = bias;
  CHALK_CHECK(reader.read_layers());
  CHALK_CHECK(reader.read_head());
  return reader.finish();
}

} // namespace chalkstream::models::families
