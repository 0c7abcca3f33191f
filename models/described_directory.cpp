#include "models/described_directory.hpp"

#include "models/document.hpp"
#include "models/families/family.hpp"
#include "models/loading.hpp"

#include <string>
#include <utility>

namespace chalkstream::models {

result<described_directory> describe(const std::filesystem::path& directory) {
  std::error_code none;
  if (!std::filesystem::is_directory(directory, none))
    return error{errc::not_found, directory.string() + ": is not a directory"};
  const auto file = directory / "config.json";
  CHALK_TRY(const auto root, read_json(file));
  if (root.as<json_value::object>() == nullptr)
    return error{errc::invalid_configuration, file.string() + ": must be an object"};
  const settings configuration(file.string(), root);
  CHALK_TRY(const auto* family, families::family_of(configuration));
  CHALK_TRY(auto archive, tensor_archive::open(directory));
  described_directory found;
  found.family = family;
  found.weights = std::make_shared<const tensor_archive>(std::move(archive));
  auto described = family->describe(configuration, *found.weights);
  if (!described)
    return error{described.error().code, described.error().message.starts_with(directory.string())
                                             ? described.error().message
                                             : directory.string() + ": " + described.error().message};
  found.model = std::move(*described);
  CHALK_TRY(found.pooling, read_pooling(directory, found.model.encoder.width));
  CHALK_TRY(found.max_tokens, tokenizer_limit(directory, found.model.encoder.positions));
  return found;
}

} // namespace chalkstream::models
