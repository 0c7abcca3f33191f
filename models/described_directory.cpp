#include "models/described_directory.hpp"

#include "models/document.hpp"
#include "models/families/family.hpp"
#include "models/loading.hpp"

#include <string>
#include <utility>

namespace chalkstream::models {

result<described_directory> describe(const std::filesystem::path& directory) {
  CHALK_TRY(const auto root, read_configuration(directory));
  const settings configuration((directory / "config.json").string(), root);
  CHALK_TRY(const auto* family, families::family_of(configuration));
  CHALK_TRY(auto archive, tensor_archive::open(directory));
  described_directory found;
  found.family = family;
  found.weights = std::make_shared<const tensor_archive>(std::move(archive));
  auto described = family->describe(configuration, *found.weights);
  if (!described)
    return located(directory, described.error());
  found.model = std::move(*described);
  CHALK_TRY(found.pooling, read_pooling(directory, found.model.encoder.width));
  CHALK_TRY(found.max_tokens, tokenizer_limit(directory, found.model.encoder.positions));
  return found;
}

} // namespace chalkstream::models
