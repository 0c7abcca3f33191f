#include "models/families/tensor_lookup.hpp"

#include <algorithm>

namespace chalkstream::models::families {

tensor_lookup::tensor_lookup(tensor_group weights, std::string_view prefix, std::string_view probe)
    : weights_(std::move(weights)) {
  if (has_head(std::string(prefix) + std::string(probe)))
    prefix_ = prefix;
}

const tensor_view* tensor_lookup::find(const std::string& name) const {
  return weights_.archive->find(weights_.within + name);
}

result<const tensor_view*> tensor_lookup::take_whole(const std::string& name, const std::vector<std::size_t>& shape) {
  const auto* tensor = find(name);
  if (tensor == nullptr)
    return error{errc::corrupt, "the weights have no tensor '" + weights_.within + name + "'"};
  if (tensor->shape != shape)
    return error{errc::corrupt, "tensor '" + tensor->name + "' has shape " + to_string(tensor->shape)
                                    + "; config.json asks for " + to_string(shape)};
  if (tensor->type != element_type::f32 && tensor->type != element_type::f16 && tensor->type != element_type::bf16)
    return error{errc::unsupported, "tensor '" + tensor->name + "' is " + std::string(to_string(tensor->type))
                                        + "; weights must be F32, F16 or BF16"};
  taken_.insert(name);
  return tensor;
}

result<const tensor_view*> tensor_lookup::take(const std::string& name, const std::vector<std::size_t>& shape) {
  return take_whole(prefix_ + name, shape);
}

result<const tensor_view*> tensor_lookup::head_tensor(const std::string& name,
                                                       const std::vector<std::size_t>& shape) {
  return take_whole(name, shape);
}

bool tensor_lookup::has(const std::string& name) const {
  return has_head(prefix_ + name);
}

bool tensor_lookup::has_head(const std::string& name) const {
  return find(name) != nullptr;
}

void tensor_lookup::pass_over(const std::string& name) {
  taken_.insert(prefix_ + name);
}

result<linear_tensors> tensor_lookup::linear(const std::string& name, std::size_t out, std::size_t in) {
  return head_linear(prefix_ + name, out, in);
}

result<linear_tensors> tensor_lookup::head_linear(const std::string& name, std::size_t out, std::size_t in) {
  linear_tensors tensors;
  CHALK_TRY(tensors.weight, take_whole(name + ".weight", {out, in}));
  CHALK_TRY(tensors.bias, take_whole(name + ".bias", {out}));
  return tensors;
}

result<norm_tensors> tensor_lookup::norm(const std::string& name, std::size_t width) {
  const bool old = has(name + ".gamma");
  norm_tensors tensors;
  CHALK_TRY(tensors.gamma, take(name + (old ? ".gamma" : ".weight"), {width}));
  CHALK_TRY(tensors.beta, take(name + (old ? ".beta" : ".bias"), {width}));
  return tensors;
}

result<void> tensor_lookup::nothing_is_left(std::string_view family,
                                            std::span<const std::string_view> ignored) const {
  const auto is_ignored = [&](std::string_view name) {
    return std::any_of(ignored.begin(), ignored.end(), [name](std::string_view known) {
      return known.ends_with('.') ? name.starts_with(known) : name == known;
    });
  };
  for (const auto& tensor : weights_.archive->tensors()) {
    if (!tensor.name.starts_with(weights_.within))
      continue;
    const auto name = std::string_view(tensor.name).substr(weights_.within.size());
    const auto bare = name.starts_with(prefix_) ? name.substr(prefix_.size()) : name;
    if (!taken_.contains(std::string(name)) && !is_ignored(name) && !is_ignored(bare))
      return {errc::unsupported,
              "tensor '" + tensor.name + "' is not part of a " + std::string(family) + " model this build knows"};
  }
  return {};
}

} // namespace chalkstream::models::families
