#include "models/new_file.hpp"
#include "models/safetensors.hpp"

#include <nlohmann/json.hpp>

#include <bit>
#include <cstring>

namespace chalkstream::models {

namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian and written as it lies");

constexpr std::size_t alignment = 8; // of the data in the file

std::string header_of(std::span<const tensor_view> tensors) {
  auto header = nlohmann::ordered_json::object();
  header["__metadata__"] = {{"format", "pt"}};
  std::size_t at = 0;
  for (const auto& tensor : tensors) {
    header[tensor.name] = {
        {"dtype", to_string(tensor.type)}, {"shape", tensor.shape}, {"data_offsets", {at, at + tensor.bytes.size()}}};
    at += tensor.bytes.size();
  }
  auto text = header.dump();
  text.resize((text.size() + alignment - 1) / alignment * alignment, ' ');
  return text;
}

} // namespace

result<void> write_safetensors(const std::filesystem::path& file, std::span<const tensor_view> tensors) {
  const auto header = header_of(tensors);
  const std::uint64_t length = header.size();
  CHALK_TRY(auto out, new_file::create(file));
  CHALK_CHECK(out.write(std::as_bytes(std::span(&length, 1))));
  CHALK_CHECK(out.write(header));
  for (const auto& tensor : tensors)
    CHALK_CHECK(out.write(tensor.bytes));
  return out.commit();
}

} // namespace chalkstream::models
