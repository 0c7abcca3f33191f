// Marian (Junczys-Dowmunt et al. 2018; the OPUS-MT models): BART's shape without a norm over embeddings, positions as
// sinusoids, and word tables that source and target may have each for itself.
#include "models/families/generating/bart_stacks.hpp"
#include "models/families/generating/generating_family.hpp"

namespace chalkstream::models::families {

result<generator_description> describe_marian(const settings& configuration, const tensor_archive& weights) {
  return describe_bart_shape({.title = "Marian", .vocabulary = 58101, .sinusoids = true, .own_tables = true},
                             configuration, weights);
}

} // namespace chalkstream::models::families
