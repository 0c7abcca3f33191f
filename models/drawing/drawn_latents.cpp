#include "models/drawing/drawn_latents.hpp"

#include "models/encoders/torch_layers.hpp"

#include <ATen/ATen.h>

#include <random>

namespace chalkstream::models::drawing {

std::uint64_t picture_seed(std::uint64_t seed, std::size_t label, std::size_t picture) {
  std::seed_seq mixed{seed & 0xFFFFFFFFU, seed >> 32, std::uint64_t{label}, std::uint64_t{picture}};
  std::uint32_t halves[2];
  mixed.generate(halves, halves + 2);
  return std::uint64_t{halves[0]} << 32 | halves[1];
}

at::Tensor latents_of(std::span<const std::uint64_t> seeds, std::size_t width, double spread, const device& where) {
  auto made = at::empty({static_cast<std::int64_t>(seeds.size()), static_cast<std::int64_t>(width)}, at::kFloat);
  auto* to = made.mutable_data_ptr<float>();
  for (const auto seed : seeds) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal(0, 1);
    for (std::size_t i = 0; i < width; ++i)
      *to++ = static_cast<float>(spread * normal(random));
  }
  return made.to(torch_device(where));
}

} // namespace chalkstream::models::drawing
