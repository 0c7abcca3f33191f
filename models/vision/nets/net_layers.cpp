#include "models/vision/nets/net_layers.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

namespace chalkstream::models::nets {

namespace {

constexpr double norm_momentum = 0.1;
constexpr double norm_epsilon = 1e-5;

bool is_float(element_type type) {
  return type == element_type::f32 || type == element_type::f16 || type == element_type::bf16;
}

/// One pass: the tensors by name, and whether batch norms learn.
class pass {
public:
  pass(const net_description& net, const std::map<std::string, at::Tensor>& tensors, bool learning)
      : net_(net), tensors_(tensors), learning_(learning) {}

  at::Tensor logits(const at::Tensor& pixels) const {
    switch (net_.kind) {
    case net_kind::conv:
      return conv(pixels);
    case net_kind::dense:
      return dense(pixels);
    case net_kind::residual:
      break;
    }
    return residual(pixels);
  }

private:
  at::Tensor conv(at::Tensor x) const {
    std::int64_t padding = static_cast<std::int64_t>(net_.padding);
    for (const char* name : {"convolution1", "convolution2", "convolution3"}) {
      x = at::relu(at::conv2d(x, of(name, "weight"), of(name, "bias"), 1, padding));
      const std::array<std::int64_t, 2> window{std::min<std::int64_t>(x.size(2), 2),
                                               std::min<std::int64_t>(x.size(3), 2)};
      x = at::max_pool2d(x, window, window);
      padding = 0;
    }
    return linear("classifier", at::relu(linear("hidden", at::flatten(x, 1))));
  }

  at::Tensor dense(const at::Tensor& pixels) const {
    auto x = at::flatten(pixels, 1);
    for (std::size_t i = 0; i < net_.hidden_sizes.size(); ++i)
      x = at::relu(linear("layers." + std::to_string(i), x));
    return linear("classifier", x);
  }

  at::Tensor residual(at::Tensor x) const {
    x = at::relu(normed("stem.convolution", "stem.norm", x, net_.stem_stride, 1));
    for (std::size_t stage = 0; stage < net_.hidden_sizes.size(); ++stage)
      for (std::size_t block = 0; block < net_.blocks; ++block) {
        const auto name = "stages." + std::to_string(stage) + "." + std::to_string(block);
        const std::size_t stride = stage > 0 && block == 0 ? 2 : 1;
        const auto inner = at::relu(normed(name + ".convolution1", name + ".norm1", x, stride, 1));
        auto sum = normed(name + ".convolution2", name + ".norm2", inner, 1, 1);
        if (tensors_.contains(name + ".shortcut.convolution.weight"))
          sum = sum + normed(name + ".shortcut.convolution", name + ".shortcut.norm", x, stride, 0);
        else
          sum = sum + x;
        x = at::relu(sum);
      }
    return linear("classifier", x.mean(at::IntArrayRef{2, 3}));
  }

  at::Tensor normed(const std::string& convolution, const std::string& norm, const at::Tensor& x, std::size_t stride,
                    std::int64_t padding) const {
    const auto y =
        at::conv2d(x, of(convolution, "weight"), {}, static_cast<std::int64_t>(stride), at::IntArrayRef(padding));
    // One value has no variance.
    const bool learns = learning_ && y.numel() > y.size(1);
    return at::batch_norm(y, of(norm, "weight"), of(norm, "bias"), of(norm, "running_mean"), of(norm, "running_var"),
                          learns, norm_momentum, norm_epsilon, true);
  }

  at::Tensor linear(const std::string& name, const at::Tensor& x) const {
    return at::linear(x, of(name, "weight"), of(name, "bias"));
  }

  const at::Tensor& of(const std::string& name, const char* part) const { return tensors_.at(name + "." + part); }

  const net_description& net_;
  const std::map<std::string, at::Tensor>& tensors_;
  bool learning_;
};

} // namespace

struct net_layers::parts {
  net_description net;
  std::vector<layer_tensor> weights, statistics;
  std::map<std::string, at::Tensor> by_name; // the same
  std::size_t bytes = 0;
};

result<void> check_picture(const picture& image, const net_description& net) {
  if (image.width != net.width || image.height != net.height || image.channels != net.channels
      || image.values.size() != net.width * net.height * net.channels)
    return {errc::invalid_argument, "a picture of " + std::to_string(image.height) + " by "
                                        + std::to_string(image.width) + " with " + std::to_string(image.channels)
                                        + " channels; the net takes " + std::to_string(net.height) + " by "
                                        + std::to_string(net.width) + " with " + std::to_string(net.channels)};
  return {};
}

at::Tensor pixels_of(std::span<const picture* const> pictures, const net_description& net,
                     std::span<const channel_values> values, const device& where) {
  const auto size = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  auto made = at::empty({size(pictures.size()), size(net.height), size(net.width), size(net.channels)}, at::kFloat);
  auto* to = made.mutable_data_ptr<float>();
  for (const auto* image : pictures)
    for (std::size_t i = 0; i < image->values.size(); i += net.channels)
      for (std::size_t c = 0; c < net.channels; ++c)
        *to++ = values[c][image->values[i + c]];
  return made.to(torch_device(where)).permute({0, 3, 1, 2});
}

result<void> check_tensors(std::span<const net_tensor> wanted, std::string_view kind, const tensor_archive& archive) {
  for (const auto& tensor : wanted) {
    const auto* found = archive.find(tensor.name);
    if (found == nullptr)
      return {errc::corrupt, "there is no tensor '" + tensor.name + "'"};
    if (found->shape != tensor.shape)
      return {errc::corrupt, "tensor '" + tensor.name + "' has the shape " + models::to_string(found->shape)
                                 + "; config.json asks for " + models::to_string(tensor.shape)};
    if (!is_float(found->type))
      return {errc::unsupported, "tensor '" + tensor.name + "' is of " + std::string(models::to_string(found->type))
                                     + ", not of F32, F16 or BF16"};
  }
  for (const auto& view : archive.tensors())
    if (std::none_of(wanted.begin(), wanted.end(), [&](const net_tensor& t) { return t.name == view.name; }))
      return {errc::unsupported, "tensor '" + view.name + "' is none of a " + std::string(kind)};
  return {};
}

result<void> check_tensors(const net_description& net, const tensor_archive& archive) {
  return check_tensors(tensors_of(net), to_string(net.kind), archive);
}

net_layers::net_layers(const net_description& net, const tensor_archive& archive, const device& where)
    : parts_(std::make_unique<parts>()) {
  parts_->net = net;
  for (const auto& tensor : tensors_of(net)) {
    const auto* view = archive.find(tensor.name);
    auto made = placed({&view, 1}, archive, where);
    if (made.value->dim() == 4)
      *made.value = made.value->contiguous(at::MemoryFormat::ChannelsLast);
    parts_->by_name.emplace(tensor.name, *made.value);
    parts_->bytes += made.value->nbytes();
    (tensor.is_statistic() ? parts_->statistics : parts_->weights).push_back(std::move(made));
  }
}

net_layers::~net_layers() = default;
net_layers::net_layers(net_layers&&) noexcept = default;

at::Tensor net_layers::logits(const at::Tensor& pixels) const {
  return pass(parts_->net, parts_->by_name, false).logits(pixels);
}

at::Tensor net_layers::learning_logits(const at::Tensor& pixels) {
  return pass(parts_->net, parts_->by_name, true).logits(pixels);
}

const std::vector<layer_tensor>& net_layers::weights() const noexcept {
  return parts_->weights;
}

const std::vector<layer_tensor>& net_layers::statistics() const noexcept {
  return parts_->statistics;
}

std::size_t net_layers::bytes() const noexcept {
  return parts_->bytes;
}

} // namespace chalkstream::models::nets
