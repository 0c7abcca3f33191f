#include "models/reading/line_layers.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

namespace chalkstream::models::reading {

line_batch batch_of(std::span<const picture* const> lines, const device& where) {
  line_batch made;
  made.order.resize(lines.size());
  std::iota(made.order.begin(), made.order.end(), std::size_t{0});
  std::stable_sort(made.order.begin(), made.order.end(),
                   [&](std::size_t a, std::size_t b) { return lines[a]->width > lines[b]->width; });
  const auto columns = steps_of_line(lines[made.order.front()]->width) * columns_a_step;
  auto pixels = at::empty({static_cast<std::int64_t>(lines.size()), 1, static_cast<std::int64_t>(line_height),
                           static_cast<std::int64_t>(columns)},
                          at::kFloat);
  auto* to = pixels.mutable_data_ptr<float>();
  for (const auto place : made.order) {
    const auto& line = *lines[place];
    made.steps.push_back(static_cast<std::int64_t>(steps_of_line(line.width)));
    for (std::size_t y = 0; y < line_height; ++y)
      for (std::size_t x = 0; x < columns; ++x)
        *to++ = static_cast<float>(line.values[y * line.width + std::min(x, line.width - 1)]) / 127.5f - 1;
  }
  made.pixels = std::make_shared<at::Tensor>(pixels.to(torch_device(where)));
  return made;
}

line_layers::line_layers(const line_description& net, const tensor_archive& archive, const device& where)
    : net_(net), layers_(tensors_of(net), archive, where) {}

at::Tensor line_layers::logs(const line_batch& batch, nets::norms how) const {
  auto x = *batch.pixels;
  for (std::size_t stage = 0; stage < net_.hidden_sizes.size(); ++stage) {
    const auto name = "stages." + std::to_string(stage);
    x = at::conv2d(x, layers_.of(name + ".convolution.weight"), {}, 1, 1);
    x = at::relu(nets::batch_normed(layers_, name + ".norm", x, how));
    const std::array<std::int64_t, 2> window{2, stage < 2 ? 2 : 1};
    x = at::max_pool2d(x, window, window);
  }
  x = x.squeeze(2).permute({0, 2, 1}).to(at::kFloat); // [lines, steps, channels]
  const auto lengths = at::tensor(batch.steps, at::kLong);
  const auto [packed, sizes] = at::_pack_padded_sequence(x.contiguous(), lengths, true);
  std::vector<at::Tensor> weights;
  for (const char* way : {"_l0", "_l0_reverse"})
    for (const char* part : {"weight_ih", "weight_hh", "bias_ih", "bias_hh"})
      weights.push_back(layers_.of(std::string("lstm.") + part + way));
  const auto zeros = at::zeros({2, x.size(0), static_cast<std::int64_t>(net_.state_size)}, x.options());
  const auto states = std::get<0>(at::lstm(packed, sizes, {zeros, zeros}, weights, true, 1, 0, false, true));
  const auto logits = at::linear(states, layers_.of("classifier.weight"), layers_.of("classifier.bias"));
  return std::get<0>(at::_pad_packed_sequence(at::log_softmax(logits.to(at::kFloat), 1), sizes, true, 0, x.size(1)));
}

} // namespace chalkstream::models::reading
