// Weights in the safetensors format, memory-mapped read-only. A file is 8 bytes of little-endian header length, a
// JSON header {"name": {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__": {string: string}}, and the
// data; several files are joined by model.safetensors.index.json. Format: github.com/huggingface/safetensors README.
//
// Every file is hostile until its header has been held against its size: names are unique, shapes times element size
// equal the bytes, tensors cover the data without gap, overlap or rest. Errors are `corrupt` (or not_found, io,
// unsupported) and name file and tensor.
//
// The mapping is private, made after fstat on the same descriptor, and the descriptor stays open. What remains: if
// another process truncates the file while it is mapped, touching the lost pages raises SIGBUS, as with any mapped
// file. Replace a model by renaming a new directory or file into place; that is safe.
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::models {

enum class element_type : std::uint8_t { f64, f32, f16, bf16, i64, i32, i16, i8, u64, u32, u16, u8, boolean };
std::string_view to_string(element_type type) noexcept;
std::size_t element_bytes(element_type type) noexcept;

/// Borrowed from its archive and valid as long as that lives.
struct tensor_view {
  std::string name;
  element_type type = element_type::f32;
  std::vector<std::size_t> shape;
  std::span<const std::byte> bytes;

  std::size_t elements() const noexcept { return bytes.size() / element_bytes(type); }
};

/// "[30522, 384]"
std::string to_string(std::span<const std::size_t> shape);

/// What tells one content of a file from another without reading it.
struct file_stamp {
  std::filesystem::path path;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  bool operator==(const file_stamp&) const = default;
};

/// not_found or io, with the name.
result<file_stamp> stamp_of(const std::filesystem::path& file);

class tensor_archive {
public:
  /// model.safetensors of a directory, or the shards its model.safetensors.index.json names.
  static result<tensor_archive> open(const std::filesystem::path& directory);

  /// One file by name.
  static result<tensor_archive> open_file(const std::filesystem::path& file);

  /// Tensors that lie elsewhere, under these names; `owner` keeps their bytes alive. `corrupt` if a name comes twice.
  static result<tensor_archive> of(std::vector<tensor_view> tensors, std::shared_ptr<const void> owner);

  tensor_archive(tensor_archive&&) noexcept;
  tensor_archive& operator=(tensor_archive&&) noexcept;
  ~tensor_archive();

  /// Sorted by name.
  std::span<const tensor_view> tensors() const noexcept { return tensors_; }
  const tensor_view* find(std::string_view name) const noexcept;

  /// The mapped files, in the order of their names.
  std::vector<file_stamp> files() const;

  /// Tells the kernel that the pages wholly inside this tensor are not needed again soon. They stay readable.
  void release(const tensor_view& tensor) const noexcept;

private:
  class mapping;
  tensor_archive();
  result<void> add(const std::filesystem::path& file);
  result<void> index();

  std::vector<std::unique_ptr<mapping>> mappings_;
  std::shared_ptr<const void> owner_;
  std::vector<tensor_view> tensors_;
};

/// Writes such a file whole or not at all (new_file.hpp), with the metadata that Hugging Face's readers ask for.
/// Names must differ; a shape times the element size must be the bytes.
result<void> write_safetensors(const std::filesystem::path& file, std::span<const tensor_view> tensors);

/// The tensor's elements as float32, from f32, f16 or bf16 (exact in each case).
result<std::vector<float>> to_float(const tensor_view& tensor);

/// The same; `corrupt` names a tensor with values that are not finite.
result<std::vector<float>> to_finite_float(const tensor_view& tensor);

/// The elements where they lie, if they are aligned float32 on a little-endian machine; else null.
const float* float_data(const tensor_view& tensor) noexcept;

} // namespace chalkstream::models
