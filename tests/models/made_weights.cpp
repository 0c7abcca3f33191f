#include "tests/models/made_weights.hpp"

#include "models/safetensors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace chalkstream::models::testing {

namespace {

using nets::net_role;

/// Of 0 to 1.
std::vector<double> drawn(std::size_t count, std::uint64_t salt) {
  std::vector<double> all;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto mixed = (i * 2654435761U + salt * 40503U + 12345U) % 0x100000000U * 2246822519U;
    all.push_back(static_cast<double>(mixed % 0x100000000U) / 0x1p32);
  }
  return all;
}

std::vector<float> filled(const nets::net_tensor& tensor, std::uint64_t salt) {
  std::size_t count = 1;
  for (const auto side : tensor.shape)
    count *= side;
  const auto inputs = static_cast<double>(count / tensor.shape.front());
  std::vector<float> values;
  for (const auto unit : drawn(count, salt)) {
    double value = 0.2 * (unit - 0.5);
    if (tensor.role == net_role::scale || tensor.role == net_role::running_variance)
      value = 0.8 + 0.4 * unit;
    else if (tensor.role == net_role::weight)
      value = 2 * std::sqrt(6 / inputs) * (unit - 0.5);
    values.push_back(static_cast<float>(value));
  }
  return values;
}

} // namespace

void write_start(const std::filesystem::path& file, std::vector<nets::net_tensor> tensors, bool momentum,
                 const std::vector<remembered_tensor>& copies) {
  std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  std::vector<std::vector<float>> kept;
  std::vector<tensor_view> views;
  const auto add = [&](const std::string& name, const std::vector<std::size_t>& shape, std::vector<float> values) {
    kept.push_back(std::move(values));
    views.push_back({name, element_type::f32, shape, {}});
  };
  std::map<std::string, std::vector<float>> by_name;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto& [name, shape, role] = tensors[i];
    const auto values = filled(tensors[i], i);
    by_name[name] = values;
    add("value/" + name, shape, values);
    if (tensors[i].is_statistic())
      continue;
    const auto memories =
        momentum ? std::vector<std::string>{"velocity"} : std::vector<std::string>{"first", "second"};
    for (const auto& memory : memories)
      add(memory + "/" + name, shape, std::vector<float>(values.size(), 0.0f));
    if (!momentum)
      add("steps/" + name, {}, {0.0f});
  }
  for (const auto& [name, tensor] : copies) {
    const auto found = by_name.find(tensor.name);
    add("value/" + name, tensor.shape, found == by_name.end() ? std::vector<float>{0.0f} : found->second);
  }
  for (std::size_t i = 0; i < views.size(); ++i)
    views[i].bytes = std::as_bytes(std::span(kept[i]));
  const std::vector<double> numbers{1};
  views.push_back({"numbers", element_type::f64, {1}, std::as_bytes(std::span(numbers))});
  const std::string text = "t";
  views.push_back({"text", element_type::u8, {1}, std::as_bytes(std::span(text))});
  const auto written = write_safetensors(file, views);
  ASSERT_TRUE(written) << written.error().message;
}

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < count; ++i)
    labels.push_back("label " + std::to_string(i));
  return labels;
}

std::vector<picture> pictures_of_size(std::size_t width, std::size_t height, std::size_t channels, std::size_t count,
                                      std::uint64_t salt) {
  const auto bytes = height * width * channels;
  const auto units = drawn(count * bytes, salt);
  std::vector<picture> all;
  for (std::size_t row = 0; row < count; ++row) {
    auto& made = all.emplace_back(picture{width, height, channels, {}});
    for (std::size_t i = 0; i < bytes; ++i)
      made.values.push_back(static_cast<std::uint8_t>(256 * units[row * bytes + i]));
  }
  return all;
}

} // namespace chalkstream::models::testing
