// mBART (Liu et al. 2020): BART with norms before each block and one behind the last.
#include "models/families/generating/bart_stacks.hpp"
#include "models/families/generating/generating_family.hpp"

namespace chalkstream::models::families {

result<generator_description> describe_mbart(const settings& configuration, const tensor_archive& weights) {
  return describe_bart_shape({.title = "mBART", .norm_before = true, .embedding_norm = true, .final_norm = true},
                             configuration, weights);
}

} // namespace chalkstream::models::families
