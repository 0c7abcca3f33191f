// Tensors by name, held against the shapes a configuration asks for.
#pragma once

#include "models/description.hpp"
#include "models/safetensors.hpp"

#include <cstddef>
#include <initializer_list>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chalkstream::models::families {

/// The tensors of an archive, or of those the ones that begin with a name: of a model that is part of another.
/// Whoever reads such a part calls its tensors as if it stood alone. The archive must outlive it.
struct tensor_group {
  tensor_group(const tensor_archive& all) : archive(&all) {}
  tensor_group(const tensor_archive& all, std::string beginning) : archive(&all), within(std::move(beginning)) {}

  const tensor_archive* archive;
  /// "encoder."; empty: all of them.
  std::string within;
};

/// Remembers which tensors were asked for, so that what is left over can be named. Names are as the family's bare
/// encoder has them; in directories with a head they carry `prefix` ("bert."), which is found by looking at `probe`.
class tensor_lookup {
public:
  tensor_lookup(tensor_group weights, std::string_view prefix, std::string_view probe);

  /// `corrupt` names a tensor that is missing or has another shape; `unsupported` one that is not F32, F16 or BF16.
  result<const tensor_view*> take(const std::string& name, const std::vector<std::size_t>& shape);
  result<linear_tensors> linear(const std::string& name, std::size_t out, std::size_t in);
  /// weight and bias, or gamma and beta as checkpoints converted from TensorFlow call them.
  result<norm_tensors> norm(const std::string& name, std::size_t width);

  /// The same for tensors of a head, which never carry the prefix.
  result<linear_tensors> head_linear(const std::string& name, std::size_t out, std::size_t in);
  result<const tensor_view*> head_tensor(const std::string& name, const std::vector<std::size_t>& shape);

  /// A tensor as it is, for what no configuration says; null if there is none. It is not taken.
  const tensor_view* look_at(const std::string& name) const { return find(prefix_ + name); }

  bool has(const std::string& name) const;
  bool has_head(const std::string& name) const;

  /// Known and not needed, whether it is there or not.
  void pass_over(const std::string& name);

  /// `unsupported` names a tensor of the group nobody asked for. `ignored` are names, or beginnings that end in a
  /// dot: buffers, and heads of pre-training; with the prefix or without.
  result<void> nothing_is_left(std::string_view family, std::span<const std::string_view> ignored) const;

private:
  result<const tensor_view*> take_whole(const std::string& name, const std::vector<std::size_t>& shape);

  const tensor_view* find(const std::string& name) const;

  tensor_group weights_;
  std::string prefix_;
  std::set<std::string> taken_; // as their group calls them
};

} // namespace chalkstream::models::families
