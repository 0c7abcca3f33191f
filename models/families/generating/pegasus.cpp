// Pegasus (Zhang et al. 2019): norms before each block and one behind the last, positions as sinusoids.
#include "models/families/generating/bart_stacks.hpp"
#include "models/families/generating/generating_family.hpp"

namespace chalkstream::models::families {

result<generator_description> describe_pegasus(const settings& configuration, const tensor_archive& weights) {
  return describe_bart_shape({.title = "Pegasus", .norm_before = true, .final_norm = true, .sinusoids = true},
                             configuration, weights);
}

} // namespace chalkstream::models::families
