#include "models/encoders/encoder.hpp"
#include "models/encoders/torch_layers.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <iterator>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

namespace chalkstream::models {
namespace {

class torch_encoder final : public encoder {
public:
  torch_encoder(const encoder_description& d, const tensor_archive& weights, const device& where,
                const load_progress& progress, bool one_by_one, wanted_rows wanted)
      : description_(d), layers_(d, weights, where, true, progress), one_by_one_(one_by_one),
        wanted_(where.kind == device_kind::cpu ? wanted_rows::each : wanted) {}

  void encode(std::span<const sequence* const> batch, crew*, const sink& done) const override {
    if (!one_by_one_) {
      encode_together(batch, done);
      return;
    }
    for (std::size_t i = 0; i < batch.size(); ++i)
      encode_together(batch.subspan(i, 1), [&](std::size_t, std::span<const float> states) { done(i, states); });
  }

  bool takes_help() const noexcept override { return false; }
  std::size_t weight_bytes() const noexcept override { return layers_.bytes(); }

private:
  void encode_together(std::span<const sequence* const> batch, const sink& done) const {
    const c10::InferenceMode no_gradients;
    const auto p = pack(batch, description_);
    const auto states = rows_of(layers_.states(p), p.lengths).to(at::kCPU, at::kFloat).contiguous();
    const float* row = states.const_data_ptr<float>();
    for (std::size_t i = 0; i < p.order.size(); ++i) {
      const auto rows = wanted_ == wanted_rows::each ? static_cast<std::size_t>(p.lengths[i]) : 1;
      const auto floats = rows * description_.width;
      done(p.order[i], {row, floats});
      row += floats;
    }
  }

  at::Tensor rows_of(const at::Tensor& states, const std::vector<std::int64_t>& lengths) const {
    if (wanted_ == wanted_rows::each)
      return states;
    std::vector<std::int64_t> firsts;
    std::exclusive_scan(lengths.begin(), lengths.end(), std::back_inserter(firsts), std::int64_t{0});
    const auto first = at::tensor(firsts, at::kLong).to(states.device());
    if (wanted_ == wanted_rows::first)
      return states.index_select(0, first);
    constexpr std::int64_t mean = 1;
    const auto tokens = at::arange(states.size(0), first.options());
    return std::get<0>(at::embedding_bag(states, tokens, first, false, mean));
  }

  encoder_description description_;
  torch_layers layers_;
  bool one_by_one_;
  wanted_rows wanted_;
};

} // namespace

result<std::unique_ptr<encoder>> make_torch_encoder(const encoder_description& description,
                                                    const tensor_archive& weights, const device& where,
                                                    const load_progress& progress, bool one_by_one,
                                                    wanted_rows wanted) {
  CHALK_CHECK(prepare_device(where));
  try {
    if (one_by_one)
      at::set_num_threads(1);
    const c10::InferenceMode no_gradients;
    return std::unique_ptr<encoder>(
        std::make_unique<torch_encoder>(description, weights, where, progress, one_by_one, wanted));
  } catch (const c10::OutOfMemoryError& e) {
    return error{errc::out_of_memory, "the weights do not fit on " + to_string(where)};
  } catch (const std::exception& e) {
    return error{errc::internal, std::string("LibTorch: ") + e.what()};
  }
}

} // namespace chalkstream::models
