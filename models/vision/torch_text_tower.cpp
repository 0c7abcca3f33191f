#include "models/encoders/torch_layers.hpp"
#include "models/generation/torch_stack.hpp"
#include "models/vision/text_tower.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <string>
#include <utility>

namespace chalkstream::models::vision {
namespace {

class torch_text_tower final : public text_tower {
public:
  torch_text_tower(const text_tower_description& described, const device& where, torch_stack stack, std::size_t bytes)
      : where_(torch_device(where)), stack_(std::move(stack)), end_(described.end), width_(described.projection.out),
        bytes_(bytes) {}

  void compute(const sequence& text, std::span<float> row) const override {
    const c10::InferenceMode no_gradients;
    // What stands behind it is not seen by it.
    const auto length = static_cast<std::int64_t>(end_of(text) + 1);
    const auto places = at::arange(length, at::TensorOptions(at::kLong).device(where_));
    const std::vector<std::int64_t> ids(text.ids.begin(), text.ids.begin() + length);
    auto x = stack_.embed(at::tensor(ids, at::kLong).to(where_), places);
    for (std::size_t i = 0; i < stack_.description().layers.size(); ++i) {
      x = stack_.self_attention(
          i, x, places,
          [length](const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values, double scale) {
            const auto by_head = [](const at::Tensor& rows) { return rows.transpose(0, 1).unsqueeze(0); };
            return at::scaled_dot_product_attention(by_head(queries), by_head(keys), by_head(values), std::nullopt,
                                                    0.0, true, scale)
                .squeeze(0)
                .transpose(0, 1)
                .reshape({length, -1});
          });
      x = stack_.feed_forward(i, x);
    }
    x = stack_.output(stack_.final_norm(x.slice(0, length - 1))).to(at::kCPU, at::kFloat).contiguous();
    TORCH_CHECK(x.numel() == static_cast<std::int64_t>(row.size()), "the tower gives rows of another width");
    std::copy_n(x.const_data_ptr<float>(), row.size(), row.begin());
  }

  result<void> fits(const sequence& text) const override {
    const auto& d = stack_.description();
    if (text.ids.empty())
      return {errc::invalid_argument, "a text has no tokens"};
    if (text.ids.size() > d.positions)
      return {errc::invalid_argument, "a text has " + std::to_string(text.ids.size()) + " tokens; the model takes "
                                          + std::to_string(d.positions)};
    for (const auto id : text.ids)
      if (id < 0 || static_cast<std::size_t>(id) >= d.vocabulary)
        return {errc::invalid_argument,
                "token id " + std::to_string(id) + " is outside the vocabulary of " + std::to_string(d.vocabulary)};
    return {};
  }

  std::size_t width() const noexcept override { return width_; }
  std::size_t positions() const noexcept override { return stack_.description().positions; }
  std::size_t weight_bytes() const noexcept override { return bytes_; }

private:
  // Its place; 0 where a text has none, as in transformers.
  std::size_t end_of(const sequence& text) const {
    const auto& ids = text.ids;
    const auto at = end_ ? std::find(ids.begin(), ids.end(), *end_) : std::max_element(ids.begin(), ids.end());
    return at == ids.end() ? 0 : static_cast<std::size_t>(at - ids.begin());
  }

  c10::Device where_;
  torch_stack stack_;
  std::optional<std::int32_t> end_;
  std::size_t width_;
  std::size_t bytes_;
};

} // namespace

result<std::unique_ptr<const text_tower>> make_text_tower(const text_tower_description& described,
                                                          const tensor_archive& weights, const device& where) {
  CHALK_CHECK(prepare_device(where));
  try {
    const c10::InferenceMode no_gradients;
    if (where.kind == device_kind::cpu)
      at::set_num_threads(1);
    const auto there = torch_device(where);
    placed_tensors tensors(weights, there);
    CHALK_TRY(auto stack, torch_stack::load(described.stack, &described.projection, tensors, [] {}));
    return std::unique_ptr<const text_tower>(
        std::make_unique<torch_text_tower>(described, where, std::move(stack), tensors.bytes()));
  } catch (const c10::OutOfMemoryError&) {
    return error{errc::out_of_memory, "the weights do not fit on " + to_string(where)};
  } catch (const std::exception& e) {
    return error{errc::internal, std::string("LibTorch: ") + e.what()};
  }
}

} // namespace chalkstream::models::vision
