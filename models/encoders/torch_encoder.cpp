#include "models/encoders/encoder.hpp"
#include "models/encoders/torch_layers.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <string>

namespace chalkstream::models {
namespace {

class torch_encoder final : public encoder {
public:
  torch_encoder(const encoder_description& d, const tensor_archive& weights, const device& where,
                const load_progress& progress, bool one_by_one)
      : description_(d), layers_(d, weights, where, true, progress), one_by_one_(one_by_one) {}

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
    const auto states = layers_.states(p).to(at::kCPU, at::kFloat).contiguous();
    const float* row = states.const_data_ptr<float>();
    for (std::size_t i = 0; i < p.order.size(); ++i) {
      const auto floats = static_cast<std::size_t>(p.lengths[i]) * description_.width;
      done(p.order[i], {row, floats});
      row += floats;
    }
  }

  encoder_description description_;
  torch_layers layers_;
  bool one_by_one_;
};

} // namespace

result<std::unique_ptr<encoder>> make_torch_encoder(const encoder_description& description,
                                                    const tensor_archive& weights, const device& where,
                                                    const load_progress& progress, bool one_by_one) {
  CHALK_CHECK(prepare_device(where));
  try {
    if (one_by_one)
      at::set_num_threads(1);
    const c10::InferenceMode no_gradients;
    return std::unique_ptr<encoder>(
        std::make_unique<torch_encoder>(description, weights, where, progress, one_by_one));
  } catch (const c10::OutOfMemoryError& e) {
    return error{errc::out_of_memory, "the weights do not fit on " + to_string(where)};
  } catch (const std::exception& e) {
    return error{errc::internal, std::string("LibTorch: ") + e.what()};
  }
}

} // namespace chalkstream::models
