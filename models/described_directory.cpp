#include "models/described_directory.hpp"

#include "models/document.hpp"
#include "models/families/family.hpp"

#include <string>
#include <utility>

namespace chalkstream::models {
namespace {

// Hugging Face writes 1e30 where a tokenizer has no limit.
result<std::size_t> tokenizer_limit(const std::filesystem::path& directory, std::size_t positions) {
  const auto file = directory / "tokenizer_config.json";
  std::error_code none;
  if (!std::filesystem::exists(file, none))
    return positions;
  CHALK_TRY(const auto root, read_json(file));
  const settings s(file.string(), root);
  CHALK_TRY(const auto limit, s.number("model_max_length", static_cast<double>(positions)));
  if (!(limit >= 1))
    return error{errc::invalid_configuration, file.string() + ": 'model_max_length' must be at least 1"};
  return limit >= static_cast<double>(positions) ? positions : static_cast<std::size_t>(limit);
}

} // namespace

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
