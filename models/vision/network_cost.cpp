#include "models/vision/network_cost.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace chalkstream::models::vision {
namespace {

// 12 layers of 12 * 768^2.
constexpr double token_multiply_adds = 85e6;

double linear_cost(const linear_tensors& linear) {
  return static_cast<double>(linear.in()) * static_cast<double>(linear.out());
}

// Places along one side; 0 if there are none.
std::size_t convolved(std::size_t size, std::size_t kernel, std::size_t stride, padding around,
                      std::size_t dilation) {
  const auto reach = dilation * (kernel - 1) + 1;
  switch (around) {
  case padding::same:
    return (size + stride - 1) / stride;
  case padding::multiple:
    size = (size + kernel - 1) / kernel * kernel;
    break;
  case padding::half:
    size += kernel / 2 * dilation * 2;
    break;
  case padding::none:
    break;
  }
  return size < reach ? 0 : (size - reach) / stride + 1;
}

double attention_cost(const placed_attention& a, double queries, double keys) {
  const auto width = static_cast<double>(a.query.out());
  return queries * (linear_cost(a.query) + linear_cost(a.output)) + keys * (linear_cost(a.key) + linear_cost(a.value))
         + 2 * queries * keys * width;
}

double inner_cost(const normed_inner& inner) {
  return linear_cost(inner.up) + linear_cost(inner.down);
}

class walk {
public:
  explicit walk(const image_input& input) : places_{input.size.height, input.size.width}, width_(input.channels) {}

  result<void> through(std::span<const step> steps) {
    for (const auto& each : steps)
      CHALK_CHECK(std::visit([this](const auto& s) { return pass(s); }, each));
    return {};
  }

  network_cost found() const { return {width_, tokens_, multiply_adds_, only_attention_ ? layer_tokens_ : 0}; }

private:
  result<void> pass(const convolution& c) {
    const auto kernel = c.kernel();
    places_ = {convolved(places_.height, kernel.height, c.stride.height, c.around, c.dilation),
               convolved(places_.width, kernel.width, c.stride.width, c.around, c.dilation)};
    if (places_.area() == 0)
      return {errc::invalid_configuration,
              "the images are too small: nothing is left of them at tensor '" + c.weight->name + "'"};
    width_ = c.weight->shape[0];
    multiply_adds_ += static_cast<double>(places_.area()) * static_cast<double>(c.weight->elements());
    return {};
  }

  result<void> pass(const max_pool&) {
    places_ = {(places_.height + 1) / 2, (places_.width + 1) / 2};
    return {};
  }

  result<void> pass(const residual& r) {
    only_attention_ = false;
    const auto before = places_;
    if (r.shortcut)
      CHALK_CHECK(pass(*r.shortcut));
    places_ = before;
    for (const auto& c : r.body)
      CHALK_CHECK(pass(c));
    return {};
  }

  result<void> pass(const map_norm&) { return {}; }

  result<void> pass(const mixed_places& m) {
    only_attention_ = false;
    CHALK_CHECK(pass(m.mix));
    multiply_adds_ += static_cast<double>(places_.area()) * (linear_cost(m.up) + linear_cost(m.down));
    return {};
  }

  result<void> pass(const tokens_of_map& t) {
    tokens_ = places_.area() + t.prefix.size();
    if (t.positions == nullptr)
      return {};
    const auto positions = t.positions->shape.at(t.positions->shape.size() - 2);
    if (positions != tokens_)
      return {errc::invalid_configuration, "tensor '" + t.positions->name + "' has " + std::to_string(positions)
                                               + " positions; an image has " + std::to_string(tokens_) + " tokens"};
    return {};
  }

  result<void> pass(const attention_layer& layer) {
    const auto rows = static_cast<double>(tokens_);
    only_attention_ = only_attention_ && !layer.within;
    layer_tokens_ = tokens_;
    const auto seen = layer.within ? layer.within->side * layer.within->side : tokens_;
    for (const auto* linear : {&layer.query, &layer.key, &layer.value, &layer.output, &layer.up, &layer.down})
      multiply_adds_ += rows * linear_cost(*linear);
    multiply_adds_ += 2 * rows * static_cast<double>(seen) * static_cast<double>(width_);
    return {};
  }

  result<void> pass(const merged_places& m) {
    only_attention_ = false;
    tokens_ = (m.grid.height + 1) / 2 * ((m.grid.width + 1) / 2);
    width_ = m.reduction.out();
    multiply_adds_ += static_cast<double>(tokens_) * linear_cost(m.reduction);
    return {};
  }

  result<void> pass(const row_norm&) { return {}; }
  result<void> pass(const mean&) { return end_in_a_row(); }
  result<void> pass(const first_token&) { return end_in_a_row(); }

  result<void> pass(const dense& d) {
    width_ = d.linear.out();
    multiply_adds_ += static_cast<double>(std::max<std::size_t>(1, tokens_)) * linear_cost(d.linear);
    return {};
  }

  result<void> pass(const token_heads& t) {
    width_ = t.heads.front().out();
    for (const auto& head : t.heads)
      multiply_adds_ += linear_cost(head);
    return end_in_a_row();
  }

  result<void> pass(const region_finder& r) {
    only_attention_ = false;
    const auto side = std::max(places_.height, places_.width); // images may lie or stand
    if (r.rows != nullptr && side > std::min(r.rows->shape[0], r.columns->shape[0]))
      return {errc::invalid_configuration, "tensor '" + r.rows->name + "' has " + std::to_string(r.rows->shape[0])
                                               + " positions; the largest image has " + std::to_string(side)
                                               + " places along a side"};
    const auto places = static_cast<double>(places_.area());
    const auto guesses = static_cast<double>(r.guesses->shape[0]);
    for (const auto& layer : r.encoder)
      multiply_adds_ += attention_cost(layer.attention, places, places) + places * inner_cost(layer.inner);
    for (const auto& layer : r.decoder)
      multiply_adds_ += attention_cost(layer.attention, guesses, guesses)
                        + attention_cost(layer.cross, guesses, places) + guesses * inner_cost(layer.inner);
    for (const auto& linear : r.boxes)
      multiply_adds_ += guesses * linear_cost(linear);
    multiply_adds_ += guesses * linear_cost(r.classes);
    width_ = r.guesses->shape[0] * (r.classes.out() + r.boxes.back().out());
    return end_in_a_row();
  }

  result<void> end_in_a_row() {
    tokens_ = 0;
    return {};
  }

  extent places_;
  std::size_t width_;
  std::size_t tokens_ = 0;
  std::size_t layer_tokens_ = 0;
  bool only_attention_ = true;
  double multiply_adds_ = 0;
};

} // namespace

result<network_cost> cost_of(const image_input& input, std::span<const step> trunk, std::span<const step> ending) {
  walk steps(input);
  CHALK_CHECK(steps.through(trunk));
  CHALK_CHECK(steps.through(ending));
  return steps.found();
}

std::size_t tokens_of(const network_cost& cost) {
  if (cost.tokens > 0)
    return cost.tokens;
  return static_cast<std::size_t>(std::max(1.0, std::ceil(cost.multiply_adds / token_multiply_adds)));
}

} // namespace chalkstream::models::vision
