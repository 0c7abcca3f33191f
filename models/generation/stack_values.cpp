#include "models/generation/stack_values.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::models {

result<map_values> read_map(const map_tensors& map) {
  map_values values;
  values.bias.resize(map.out);
  CHALK_TRY(auto whole, to_finite_float(*map.weight));
  if (map.transposed) {
    const auto outputs = whole.size() / map.in;
    values.weight.resize(map.out * map.in);
    for (std::size_t r = 0; r < map.out; ++r)
      for (std::size_t c = 0; c < map.in; ++c)
        values.weight[r * map.in + c] = whole[c * outputs + map.first + r];
  } else {
    whole.erase(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(map.first * map.in));
    whole.resize(map.out * map.in);
    values.weight = std::move(whole);
  }
  if (map.bias != nullptr) {
    CHALK_TRY(const auto bias, to_finite_float(*map.bias));
    std::copy_n(bias.begin() + static_cast<std::ptrdiff_t>(map.first), map.out, values.bias.begin());
  }
  return values;
}

std::vector<float> sinusoids(const stack_description& stack) {
  const auto positions = stack.first_position + stack.positions;
  const auto width = stack.width;
  std::vector<float> rows(positions * width);
  const auto sines = (width + 1) / 2;
  for (std::size_t p = 0; p < positions; ++p)
    for (std::size_t i = 0; i < width; ++i) {
      const bool sine = i < sines;
      const auto wave = static_cast<double>(sine ? i : i - sines);
      const auto angle = static_cast<double>(p) / std::pow(10000.0, wave / stack.sinusoids);
      rows[p * width + i] = static_cast<float>(sine ? std::sin(angle) : std::cos(angle));
    }
  return rows;
}

} // namespace chalkstream::models
