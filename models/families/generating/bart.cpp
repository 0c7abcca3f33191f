// BART (Lewis et al. 2019): norms behind residuals, a norm over embeddings, positions from a table.
#include "models/families/generating/bart_stacks.hpp"
#include "models/families/generating/generating_family.hpp"

namespace chalkstream::models::families {

result<generator_description> describe_bart(const settings& configuration, const tensor_archive& weights) {
  return describe_bart_shape({.title = "BART", .embedding_norm = true}, configuration, weights);
}

} // namespace chalkstream::models::families
