#include "models/loading.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace chalkstream::models {

result<json_value> read_configuration(const std::filesystem::path& directory) {
  std::error_code none;
  if (!std::filesystem::is_directory(directory, none))
    return error{errc::not_found, directory.string() + ": is not a directory"};
  const auto file = directory / "config.json";
  CHALK_TRY(auto root, read_json(file));
  if (root.as<json_value::object>() == nullptr)
    return error{errc::invalid_configuration, file.string() + ": must be an object"};
  return root;
}

result<bool> has_model_type(const std::filesystem::path& directory, std::string_view wanted) {
  std::error_code none;
  if (!std::filesystem::exists(directory / "config.json", none))
    return false;
  CHALK_TRY(const auto root, read_configuration(directory));
  const auto* type = root.find("model_type");
  return type != nullptr && type->as<std::string>() != nullptr && *type->as<std::string>() == wanted;
}

error located(const std::filesystem::path& directory, error what) {
  if (!what.message.starts_with(directory.string()))
    what.message.insert(0, directory.string() + ": ");
  return what;
}

result<model_digest> digest_of(const load_request& request, std::span<const file_stamp> weights) {
  std::vector<std::filesystem::path> files;
  for (const auto& stamp : weights)
    files.push_back(stamp.path);
  CHALK_TRY(auto digest, digest_model(request.directory, files, request.cache_directory));
  for (const auto& mapped : weights)
    if (std::find(digest.files.begin(), digest.files.end(), mapped) == digest.files.end())
      return error{errc::io, mapped.path.string() + ": was replaced while it was loaded; load it again"};
  return digest;
}

std::shared_ptr<const model_identity> identity_of(const load_request& request, const model_digest& digest) {
  return std::make_shared<const model_identity>(
      model_identity{request.name, request.version.empty() ? "1" : request.version, digest.hex});
}

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

// A few lengths up to a long one: page tables, buffers and caches are what they will be, and an answer that is not
// finite shows before any record does.
result<void> warm_up(const model& ready) {
  for (const std::size_t tokens : {8, 64, 256}) {
    sequence s;
    for (std::size_t i = 0; i < std::min(tokens, ready.max_tokens()); ++i)
      s.ids.push_back(0);
    CHALK_CHECK(warm_up(ready, s));
  }
  return {};
}

result<void> warm_up(const model& ready, const sequence& example) {
  const std::array<const sequence*, 1> batch{&example};
  if (auto rows = ready.run(batch, nullptr); !rows)
    return error{rows.error().code, "warming up failed: " + rows.error().message};
  return {};
}

} // namespace chalkstream::models
