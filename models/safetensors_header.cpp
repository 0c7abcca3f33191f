#include "models/safetensors_header.hpp"

#include "models/document.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

namespace chalkstream::models {
namespace {

constexpr std::uint64_t header_limit = 100'000'000;
constexpr json_limits header_json{header_limit, 4, 2'000'000};

struct element_name {
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<element_name, 13> element_names{{{"F64", 8},
                                                      {"F32", 4},
                                                      {"F16", 2},
                                                      {"BF16", 2},
                                                      {"I64", 8},
                                                      {"I32", 4},
                                                      {"I16", 2},
                                                      {"I8", 1},
                                                      {"U64", 8},
                                                      {"U32", 4},
                                                      {"U16", 2},
                                                      {"U8", 1},
                                                      {"BOOL", 1}}};

// One member of the header, checked against the size of the data that follows it.
result<tensor_view> read_entry(const std::filesystem::path& file, const std::string& name, const json_value& entry,
                               std::span<const std::byte> data) {
  const std::string tensor = "tensor " + in_quotes(name) + " ";
  const auto* members = entry.as<json_value::object>();
  if (members == nullptr)
    return corrupt_archive(file, tensor + "is described by something other than an object");
  for (const auto& member : *members)
    if (member.first != "dtype" && member.first != "shape" && member.first != "data_offsets")
      return corrupt_archive(file, tensor + "has an unknown member " + in_quotes(member.first));

  const auto* type_value = entry.find("dtype");
  const auto* type_name = type_value ? type_value->as<std::string>() : nullptr;
  if (type_name == nullptr)
    return corrupt_archive(file, tensor + "has no dtype");
  const auto type = std::find_if(element_names.begin(), element_names.end(),
                                 [&](const element_name& known) { return known.name == *type_name; });
  if (type == element_names.end())
    return error{errc::unsupported, file.string() + ": " + tensor + "has unknown dtype " + in_quotes(*type_name)};

  const auto* shape_value = entry.find("shape");
  const auto* shape = shape_value ? shape_value->as<json_value::array>() : nullptr;
  if (shape == nullptr)
    return corrupt_archive(file, tensor + "has no shape");
  if (shape->size() > 16)
    return corrupt_archive(file, tensor + "has more than 16 dimensions");
  tensor_view view;
  view.name = name;
  view.type = static_cast<element_type>(type - element_names.begin());
  std::uint64_t bytes = type->bytes;
  bool empty = false;
  for (const auto& value : *shape) {
    const auto* size = value.as<std::uint64_t>();
    if (size == nullptr)
      return corrupt_archive(file, tensor + "has a shape with something other than whole numbers of at least 0");
    empty = empty || *size == 0;
    if (*size != 0 && bytes > std::numeric_limits<std::uint64_t>::max() / *size)
      return corrupt_archive(file, tensor + "has a shape whose size overflows 64 bits");
    bytes *= *size == 0 ? 1 : *size;
    view.shape.push_back(*size);
  }
  if (empty)
    bytes = 0;

  const auto* offsets_value = entry.find("data_offsets");
  const auto* offsets = offsets_value ? offsets_value->as<json_value::array>() : nullptr;
  const auto* begin = offsets && offsets->size() == 2 ? (*offsets)[0].as<std::uint64_t>() : nullptr;
  const auto* end = offsets && offsets->size() == 2 ? (*offsets)[1].as<std::uint64_t>() : nullptr;
  if (begin == nullptr || end == nullptr)
    return corrupt_archive(file, tensor + "needs data_offsets of two whole numbers of at least 0");
  if (*begin > *end)
    return corrupt_archive(file, tensor + "ends before it begins");
  if (*end > data.size())
    return corrupt_archive(file, tensor + "ends at byte " + std::to_string(*end) + " of "
                                     + std::to_string(data.size()) + " bytes of data");
  if (*end - *begin != bytes)
    return corrupt_archive(file, tensor + "has " + std::to_string(*end - *begin) + " bytes, but dtype and shape need "
                                     + std::to_string(bytes));
  view.bytes = data.subspan(*begin, bytes);
  return view;
}

} // namespace

error corrupt_archive(const std::filesystem::path& file, const std::string& what) {
  return {errc::corrupt, file.string() + ": " + what};
}

std::string in_quotes(std::string_view name) {
  std::string shown = "'";
  for (const char c : name.substr(0, 200))
    shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return shown + "'";
}

result<std::vector<tensor_view>> read_header(const std::filesystem::path& file, std::span<const std::byte> content) {
  std::uint64_t length = 0;
  if (content.size() < sizeof length)
    return corrupt_archive(file, "is too short to be a safetensors file");
  std::memcpy(&length, content.data(), sizeof length);
  if (length > header_limit)
    return corrupt_archive(file, "says its header has " + std::to_string(length) + " bytes; the limit is "
                                     + std::to_string(header_limit));
  if (length > content.size() - sizeof length)
    return corrupt_archive(file, "is truncated: its header has " + std::to_string(length) + " bytes, the file "
                                     + std::to_string(content.size()));
  const std::string_view text(reinterpret_cast<const char*>(content.data()) + sizeof length, length);
  if (!text.starts_with('{'))
    return corrupt_archive(file, "has a header that does not start with '{'");
  auto header = parse_json(text, header_json);
  if (!header)
    return error{header.error().code, file.string() + ": the header " + header.error().message};

  const auto data = content.subspan(sizeof length + length);
  std::vector<tensor_view> tensors;
  for (const auto& [name, entry] : *header->as<json_value::object>()) {
    if (name == "__metadata__") {
      const auto* members = entry.as<json_value::object>();
      if (members == nullptr || !std::all_of(members->begin(), members->end(), [](const auto& m) {
            return m.second.template as<std::string>();
          }))
        return corrupt_archive(file, "has __metadata__ that is not an object of strings");
      continue;
    }
    CHALK_TRY(auto view, read_entry(file, name, entry, data));
    tensors.push_back(std::move(view));
  }

  std::vector<const tensor_view*> order;
  order.reserve(tensors.size());
  for (const auto& tensor : tensors)
    order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const tensor_view* a, const tensor_view* b) {
    return std::pair(a->bytes.data(), a->bytes.size()) < std::pair(b->bytes.data(), b->bytes.size());
  });
  const std::byte* reached = data.data();
  for (const auto* tensor : order) {
    if (tensor->bytes.data() < reached)
      return corrupt_archive(file, "tensor " + in_quotes(tensor->name) + " overlaps the one before it");
    if (tensor->bytes.data() > reached)
      return corrupt_archive(file, "there is a hole before tensor " + in_quotes(tensor->name));
    reached += tensor->bytes.size();
  }
  if (reached != data.data() + data.size())
    return corrupt_archive(file, std::to_string(data.data() + data.size() - reached) + " bytes follow the last tensor"
                                     + (order.empty() ? "" : ", " + in_quotes(order.back()->name)));
  return tensors;
}

std::string_view to_string(element_type type) noexcept {
  return element_names[static_cast<std::size_t>(type)].name;
}

std::size_t element_bytes(element_type type) noexcept {
  return element_names[static_cast<std::size_t>(type)].bytes;
}

std::string to_string(std::span<const std::size_t> shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

} // namespace chalkstream::models
