#include "models/generation/sight.hpp"

namespace chalkstream::models {

result<sight> sight::make(const picture_encoder& described, const tensor_archive& weights, const device& where) {
  CHALK_TRY(auto network, vision::make_torch_network(described.input, described.steps, {}, weights, where, {}));
  return sight(std::move(network), described.cost.last_tokens, described.cost.width, where.kind == device_kind::cpu);
}

void sight::see(std::span<const picture* const> pictures, std::span<float> states) const {
  const auto together = one_by_one_ ? 1 : pictures.size();
  for (std::size_t i = 0; i < pictures.size(); i += together)
    network_->compute(pictures.subspan(i, together), states.subspan(i * floats(), together * floats()));
}

} // namespace chalkstream::models
