#include "models/training/training_tensors.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>

namespace chalkstream::models::training {

namespace {

element_type type_of(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kDouble ? element_type::f64
         : tensor.scalar_type() == at::kByte ? element_type::u8
                                             : element_type::f32;
}

/// Borrowed from a contiguous tensor on the CPU.
tensor_view view_of(const std::string& name, const at::Tensor& host) {
  tensor_view view;
  view.name = name;
  view.type = type_of(host);
  view.shape.assign(host.sizes().begin(), host.sizes().end());
  view.bytes = {static_cast<const std::byte*>(host.const_data_ptr()), host.nbytes()};
  return view;
}

error wrong(const std::filesystem::path& file, std::string_view name, const std::string& what) {
  return {errc::corrupt, file.string() + ": tensor '" + std::string(name) + "' " + what};
}

result<const tensor_view*> found(const std::filesystem::path& file, const tensor_archive& archive,
                                 std::string_view name, element_type type) {
  const auto* view = archive.find(name);
  if (view == nullptr || view->type != type)
    return wrong(file, name, "is missing or of another type: this is no checkpoint of that model");
  return view;
}

} // namespace

named_tensor::named_tensor(std::string called, const at::Tensor& of)
    : name(std::move(called)), value(std::make_shared<at::Tensor>(of)) {}

result<void> write_tensors(const std::filesystem::path& file, std::span<const named_tensor> tensors) {
  std::vector<at::Tensor> kept;
  std::vector<tensor_view> views;
  for (const auto& [name, value] : tensors)
    views.push_back(view_of(name, kept.emplace_back(value->detach().to(at::kCPU).contiguous())));
  return write_safetensors(file, views);
}

result<std::shared_ptr<const tensor_archive>> copied(std::span<const named_tensor> tensors) {
  auto copies = std::make_shared<std::vector<at::Tensor>>();
  std::vector<tensor_view> views;
  for (const auto& [name, value] : tensors)
    views.push_back(view_of(name, copies->emplace_back(value->detach().to(at::kCPU).contiguous().clone())));
  CHALK_TRY(auto archive, tensor_archive::of(std::move(views), std::move(copies)));
  return std::make_shared<const tensor_archive>(std::move(archive));
}

at::Tensor tensor_of(std::span<const double> numbers) {
  auto made = at::empty({static_cast<std::int64_t>(numbers.size())}, at::kDouble);
  std::copy(numbers.begin(), numbers.end(), made.mutable_data_ptr<double>());
  return made;
}

at::Tensor tensor_of(const std::string& text) {
  auto made = at::empty({static_cast<std::int64_t>(text.size())}, at::kByte);
  std::copy(text.begin(), text.end(), made.mutable_data_ptr<std::uint8_t>());
  return made;
}

result<void> read_into(const std::filesystem::path& file, const tensor_archive& archive, const named_tensor& into) {
  CHALK_TRY(const auto* view, found(file, archive, into.name, type_of(*into.value)));
  const auto sizes = into.value->sizes();
  if (!std::equal(sizes.begin(), sizes.end(), view->shape.begin(), view->shape.end(),
                  [](std::int64_t a, std::size_t b) { return static_cast<std::size_t>(a) == b; }))
    return wrong(file, into.name, "has shape " + to_string(view->shape) + ": this is no checkpoint of that model");
  auto host = at::empty(sizes, into.value->options().device(at::kCPU).requires_grad(false));
  std::memcpy(host.mutable_data_ptr(), view->bytes.data(), view->bytes.size());
  at::Tensor(*into.value).copy_(host); // the same storage
  return {};
}

result<std::vector<double>> read_numbers(const std::filesystem::path& file, const tensor_archive& archive,
                                         std::string_view name) {
  CHALK_TRY(const auto* view, found(file, archive, name, element_type::f64));
  std::vector<double> numbers(view->elements());
  if (!numbers.empty())
    std::memcpy(numbers.data(), view->bytes.data(), view->bytes.size());
  return numbers;
}

result<std::string> read_text(const std::filesystem::path& file, const tensor_archive& archive,
                              std::string_view name) {
  CHALK_TRY(const auto* view, found(file, archive, name, element_type::u8));
  return std::string(reinterpret_cast<const char*>(view->bytes.data()), view->bytes.size());
}

output_rows in_callers_order(const at::Tensor& rows, const packed_batch& batch, bool row_per_token) {
  const auto host = rows.to(at::kCPU, at::kFloat).contiguous();
  const auto width = static_cast<std::size_t>(host.size(1));
  std::vector<std::size_t> counts(batch.order.size(), 1); // rows of each sequence, in the caller's order
  for (std::size_t i = 0; i < batch.order.size() && row_per_token; ++i)
    counts[batch.order[i]] = static_cast<std::size_t>(batch.lengths[i]);
  std::vector<std::size_t> first(counts.size() + 1, 0);
  for (std::size_t i = 0; i < counts.size(); ++i)
    first[i + 1] = first[i] + counts[i];
  output_rows out;
  out.width = width;
  out.values.resize(first.back() * width);
  const float* from = host.const_data_ptr<float>();
  for (const auto place : batch.order) {
    const auto floats = counts[place] * width;
    std::copy_n(from, floats, out.values.begin() + static_cast<std::ptrdiff_t>(first[place] * width));
    from += floats;
  }
  return out;
}

} // namespace chalkstream::models::training
