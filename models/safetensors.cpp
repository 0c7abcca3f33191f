#include "models/safetensors.hpp"

#include "models/document.hpp"
#include "models/safetensors_header.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <set>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace chalkstream::models {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian and used in place");

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
      return corrupt_archive(file, "is empty");
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
    return corrupt_archive(index_file, "has no weight_map");
  std::map<std::string, std::set<std::string>> shards;
  for (const auto& [tensor, file] : *map) {
    const auto* name = file.as<std::string>();
    if (name == nullptr || !plain_file_name(*name))
      return corrupt_archive(index_file, "tensor " + in_quotes(tensor) + " is said to be in "
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
        return corrupt_archive(index_file, "tensor " + in_quotes(tensor) + " is not in " + name);
    for (const auto& tensor : present)
      if (!expected.contains(tensor))
        return corrupt_archive(index_file, "tensor " + in_quotes(tensor) + " of " + name + " is not in the index");
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
