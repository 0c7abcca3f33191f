#include "models/training/picture_changes.hpp"

#include <ATen/ATen.h>

#include <numbers>

namespace chalkstream::models::training {

namespace {

/// [pictures], even between −most and most.
at::Tensor within(std::int64_t pictures, double most) {
  return (at::rand({pictures}) * 2 - 1) * most;
}

at::Tensor moved(const at::Tensor& x, const picture_changes& c) {
  const auto n = x.size(0);
  const auto angle = within(n, c.rotation) * (std::numbers::pi / 180);
  const auto mirror = 1 - 2 * (at::rand({n}) < c.flip).to(at::kFloat);
  const auto across = (1 + within(n, c.zoom)) * mirror;
  const auto down = 1 + within(n, c.zoom);
  const auto slant = within(n, c.shear);
  const auto cosine = angle.cos();
  const auto sine = angle.sin();
  const auto upper = at::stack({cosine / across, (slant * cosine - sine) / across, 2 * within(n, c.shift)}, 1);
  const auto lower = at::stack({sine / down, (slant * sine + cosine) / down, 2 * within(n, c.shift)}, 1);
  const auto back = at::stack({upper, lower}, 1).to(x.device());
  const auto grid = at::affine_grid_generator(back, x.sizes(), false);
  constexpr std::int64_t bilinear = 0;
  constexpr std::int64_t border = 1;
  return at::grid_sampler(x, grid, bilinear, border, false);
}

/// [pictures, 1, side] or so: whether a cell is within a stretch of half the side around a place drawn for each.
at::Tensor stretch(std::int64_t pictures, std::int64_t side) {
  const auto middle = at::randint(side, {pictures, 1});
  return (at::arange(side).unsqueeze(0) - middle).abs() <= side / 4;
}

at::Tensor erased(const at::Tensor& x, double chance) {
  const auto n = x.size(0);
  const auto rows = stretch(n, x.size(2)).unsqueeze(2);
  const auto columns = stretch(n, x.size(3)).unsqueeze(1);
  const auto chosen = (at::rand({n, 1, 1}) < chance);
  const auto gone = (rows & columns & chosen).unsqueeze(1).to(x.device());
  return x * (~gone).to(x.scalar_type());
}

} // namespace

at::Tensor changed(const at::Tensor& pictures, const picture_changes& changes) {
  auto x = changes.moves() ? moved(pictures, changes) : pictures;
  return changes.erase > 0 ? erased(x, changes.erase) : x;
}

} // namespace chalkstream::models::training
