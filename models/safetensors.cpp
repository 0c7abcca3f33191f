#include "models/safetensors.hpp"

#include "models/document.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <map>
#include <set>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace chalkstream::models {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian and used in place");

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

error corrupt(const std::filesystem::path& file, const std::string& what) {
  return {errc::corrupt, file.string() + ": " + what};
}

std::string in_quotes(std::string_view name) {
  std::string shown = "'";
  for (const char c : name.substr(0, 200))
    shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return shown + "'";
}

file_stamp make_stamp(const std::filesystem::path& path, const struct stat& s) {
  constexpr std::int64_t second = 1'000'000'000;
  return {path,
          s.st_dev,
          s.st_ino,
          static_cast<std::uint64_t>(s.st_size),
          s.st_mtim.tv_sec * second + s.st_mtim.tv_nsec,
          s.st_ctim.tv_sec * second + s.st_ctim.tv_nsec};
}

error system_error(const std::filesystem::path& file, std::string_view doing) {
  const int code = errno;
  return {code == ENOENT || code == ENOTDIR ? errc::not_found : errc::io,
          file.string() + ": cannot be " + std::string(doing) + ": " + std::strerror(code)};
}

// One member of the header, checked against the size of the data that follows it.
result<tensor_view> read_entry(const std::filesystem::path& file, const std::string& name, const json_value& entry,
                               std::span<const std::byte> data) {
  const std::string tensor = "tensor " + in_quotes(name) + " ";
  const auto* members = entry.as<json_value::object>();
  if (members == nullptr)
    return corrupt(file, tensor + "is described by something other than an object");
  for (const auto& member : *members)
    if (member.first != "dtype" && member.first != "shape" && member.first != "data_offsets")
      return corrupt(file, tensor + "has an unknown member " + in_quotes(member.first));

  const auto* type_value = entry.find("dtype");
  const auto* type_name = type_value ? type_value->as<std::string>() : nullptr;
  if (type_name == nullptr)
    return corrupt(file, tensor + "has no dtype");
  const auto type = std::find_if(element_names.begin(), element_names.end(),
                                 [&](const element_name& known) { return known.name == *type_name; });
  if (type == element_names.end())
    return error{errc::unsupported, file.string() + ": " + tensor + "has unknown dtype " + in_quotes(*type_name)};

  const auto* shape_value = entry.find("shape");
  const auto* shape = shape_value ? shape_value->as<json_value::array>() : nullptr;
  if (shape == nullptr)
    return corrupt(file, tensor + "has no shape");
  if (shape->size() > 16)
    return corrupt(file, tensor + "has more than 16 dimensions");
  tensor_view view;
  view.name = name;
  view.type = static_cast<element_type>(type - element_names.begin());
  std::uint64_t bytes = type->bytes;
  bool empty = false;
  for (const auto& value : *shape) {
    const auto* size = value.as<std::uint64_t>();
    if (size == nullptr)
      return corrupt(file, tensor + "has a shape with something other than whole numbers of at least 0");
    empty = empty || *size == 0;
    if (*size != 0 && bytes > std::numeric_limits<std::uint64_t>::max() / *size)
      return corrupt(file, tensor + "has a shape whose size overflows 64 bits");
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
    return corrupt(file, tensor + "needs data_offsets of two whole numbers of at least 0");
  if (*begin > *end)
    return corrupt(file, tensor + "ends before it begins");
  if (*end > data.size())
    return corrupt(file, tensor + "ends at byte " + std::to_string(*end) + " of " + std::to_string(data.size())
                             + " bytes of data");
  if (*end - *begin != bytes)
    return corrupt(file, tensor + "has " + std::to_string(*end - *begin) + " bytes, but dtype and shape need "
                             + std::to_string(bytes));
  view.bytes = data.subspan(*begin, bytes);
  return view;
}

result<std::vector<tensor_view>> read_header(const std::filesystem::path& file, std::span<const std::byte> content) {
  std::uint64_t length = 0;
  if (content.size() < sizeof length)
    return corrupt(file, "is too short to be a safetensors file");
  std::memcpy(&length, content.data(), sizeof length);
  if (length > header_limit)
    return corrupt(file, "says its header has " + std::to_string(length) + " bytes; the limit is "
                             + std::to_string(header_limit));
  if (length > content.size() - sizeof length)
    return corrupt(file, "is truncated: its header has " + std::to_string(length) + " bytes, the file "
                             + std::to_string(content.size()));
  const std::string_view text(reinterpret_cast<const char*>(content.data()) + sizeof length, length);
  if (!text.starts_with('{'))
    return corrupt(file, "has a header that does not start with '{'");
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
        return corrupt(file, "has __metadata__ that is not an object of strings");
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
      return corrupt(file, "tensor " + in_quotes(tensor->name) + " overlaps the one before it");
    if (tensor->bytes.data() > reached)
      return corrupt(file, "there is a hole before tensor " + in_quotes(tensor->name));
    reached += tensor->bytes.size();
  }
  if (reached != data.data() + data.size())
    return corrupt(file, std::to_string(data.data() + data.size() - reached) + " bytes follow the last tensor"
                             + (order.empty() ? "" : ", " + in_quotes(order.back()->name)));
  return tensors;
}

// A shard is named by its bare file name; anything that could leave the directory is refused.
bool plain_file_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && name.front() != '.' && name.ends_with(".safetensors")
         && std::all_of(name.begin(), name.end(), [](unsigned char c) { return c > 0x20 && c != '/' && c != '\\'; });
}

float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000u) << 16;
  const std::uint32_t exponent = half >> 10 & 0x1f;
  const std::uint32_t fraction = half & 0x3ffu;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  return std::bit_cast<float>(sign | (exponent == 31 ? 0x7f800000u : (exponent + 112) << 23) | fraction << 13);
}

} // namespace

class tensor_archive::mapping {
public:
  static result<std::unique_ptr<mapping>> open(const std::filesystem::path& file) {
    auto self = std::make_unique<mapping>();
    self->descriptor_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (self->descriptor_ < 0)
      return system_error(file, "opened");
    struct stat status {};
    if (::fstat(self->descriptor_, &status) != 0)
      return system_error(file, "examined");
    if (!S_ISREG(status.st_mode))
      return error{errc::io, file.string() + ": is not a regular file"};
    self->stamp = make_stamp(file, status);
    if (status.st_size == 0)
      return corrupt(file, "is empty");
    void* address = ::mmap(nullptr, self->stamp.size, PROT_READ, MAP_PRIVATE, self->descriptor_, 0);
    if (address == MAP_FAILED)
      return system_error(file, "mapped");
    self->bytes_ = {static_cast<const std::byte*>(address), self->stamp.size};
    return self;
  }

  mapping() = default;
  mapping(const mapping&) = delete;
  mapping& operator=(const mapping&) = delete;
  ~mapping() {
    if (!bytes_.empty())
      ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
    if (descriptor_ >= 0)
      ::close(descriptor_);
  }

  std::span<const std::byte> bytes() const noexcept { return bytes_; }
  file_stamp stamp;

private:
  int descriptor_ = -1;
  std::span<const std::byte> bytes_;
};

tensor_archive::tensor_archive() = default;
tensor_archive::tensor_archive(tensor_archive&&) noexcept = default;
tensor_archive& tensor_archive::operator=(tensor_archive&&) noexcept = default;
tensor_archive::~tensor_archive() = default;

result<void> tensor_archive::add(const std::filesystem::path& file) {
  CHALK_TRY(auto mapped, mapping::open(file));
  CHALK_TRY(auto tensors, read_header(file, mapped->bytes()));
  mappings_.push_back(std::move(mapped));
  tensors_.insert(tensors_.end(), std::make_move_iterator(tensors.begin()), std::make_move_iterator(tensors.end()));
  return {};
}

result<void> tensor_archive::index() {
  std::sort(tensors_.begin(), tensors_.end(),
            [](const tensor_view& a, const tensor_view& b) { return a.name < b.name; });
  const auto twice = std::adjacent_find(tensors_.begin(), tensors_.end(),
                                        [](const tensor_view& a, const tensor_view& b) { return a.name == b.name; });
  if (twice != tensors_.end())
    return {errc::corrupt, "tensor " + in_quotes(twice->name) + " is in more than one shard"};
  return {};
}

result<tensor_archive> tensor_archive::open_file(const std::filesystem::path& file) {
  tensor_archive archive;
  CHALK_CHECK(archive.add(file));
  CHALK_CHECK(archive.index());
  return archive;
}

result<tensor_archive> tensor_archive::of(std::vector<tensor_view> tensors, std::shared_ptr<const void> owner) {
  tensor_archive archive;
  archive.tensors_ = std::move(tensors);
  archive.owner_ = std::move(owner);
  CHALK_CHECK(archive.index());
  return archive;
}

result<tensor_archive> tensor_archive::open(const std::filesystem::path& directory) {
  const auto single = directory / "model.safetensors";
  const auto index_file = directory / "model.safetensors.index.json";
  std::error_code ignored;
  if (std::filesystem::exists(single, ignored))
    return open_file(single);
  if (!std::filesystem::exists(index_file, ignored))
    return {errc::not_found,
            directory.string() + ": has neither model.safetensors nor model.safetensors.index.json"
                + (std::filesystem::exists(directory / "pytorch_model.bin", ignored)
                       ? "; pytorch_model.bin is a pickle, which is never loaded: save it as safetensors"
                       : "")};

  CHALK_TRY(const auto root, read_json(index_file, {64u << 20, 8, 2'000'000}));
  const auto* map_value = root.find("weight_map");
  const auto* map = map_value ? map_value->as<json_value::object>() : nullptr;
  if (map == nullptr)
    return corrupt(index_file, "has no weight_map");
  std::map<std::string, std::set<std::string>> shards;
  for (const auto& [tensor, file] : *map) {
    const auto* name = file.as<std::string>();
    if (name == nullptr || !plain_file_name(*name))
      return corrupt(index_file, "tensor " + in_quotes(tensor) + " is said to be in "
                                     + (name ? in_quotes(*name) : "no string")
                                     + ", which is not the plain name of a .safetensors file");
    shards[*name].insert(tensor);
  }
  tensor_archive archive;
  for (const auto& [name, expected] : shards) {
    const auto first = archive.tensors_.size();
    CHALK_CHECK(archive.add(directory / name));
    std::set<std::string> present;
    for (auto i = first; i < archive.tensors_.size(); ++i)
      present.insert(archive.tensors_[i].name);
    for (const auto& tensor : expected)
      if (!present.contains(tensor))
        return corrupt(index_file, "tensor " + in_quotes(tensor) + " is not in " + name);
    for (const auto& tensor : present)
      if (!expected.contains(tensor))
        return corrupt(index_file, "tensor " + in_quotes(tensor) + " of " + name + " is not in the index");
  }
  CHALK_CHECK(archive.index());
  return archive;
}

const tensor_view* tensor_archive::find(std::string_view name) const noexcept {
  const auto at = std::lower_bound(tensors_.begin(), tensors_.end(), name,
                                   [](const tensor_view& tensor, std::string_view n) { return tensor.name < n; });
  return at != tensors_.end() && at->name == name ? &*at : nullptr;
}

std::vector<file_stamp> tensor_archive::files() const {
  std::vector<file_stamp> stamps;
  for (const auto& mapped : mappings_)
    stamps.push_back(mapped->stamp);
  return stamps;
}

void tensor_archive::release(const tensor_view& tensor) const noexcept {
  if (mappings_.empty()) // not a mapped file's: its pages might not come back
    return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) + page - 1) / page * page;
  const auto end = (reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) + tensor.bytes.size()) / page * page;
  if (begin < end)
    ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
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

result<file_stamp> stamp_of(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0)
    return system_error(file, "examined");
  return make_stamp(file, status);
}

result<std::vector<float>> to_float(const tensor_view& tensor) {
  std::vector<float> out(tensor.elements());
  const auto* from = tensor.bytes.data();
  const auto half = [&](std::size_t i) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, from + 2 * i, sizeof bits);
    return bits;
  };
  switch (tensor.type) {
  case element_type::f32:
    if (!out.empty())
      std::memcpy(out.data(), from, tensor.bytes.size());
    return out;
  case element_type::f16:
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = half_to_float(half(i));
    return out;
  case element_type::bf16:
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = std::bit_cast<float>(static_cast<std::uint32_t>(half(i)) << 16);
    return out;
  default:
    return {errc::unsupported, "tensor " + in_quotes(tensor.name) + " is " + std::string(to_string(tensor.type))
                                   + "; weights must be F32, F16 or BF16"};
  }
}

result<std::vector<float>> to_finite_float(const tensor_view& tensor) {
  CHALK_TRY(auto values, to_float(tensor));
  if (!std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); }))
    return error{errc::corrupt, "tensor " + in_quotes(tensor.name) + " has values that are not finite"};
  return values;
}

const float* float_data(const tensor_view& tensor) noexcept {
  if (tensor.type != element_type::f32 || reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % alignof(float) != 0)
    return nullptr;
  return reinterpret_cast<const float*>(tensor.bytes.data());
}

} // namespace chalkstream::models
