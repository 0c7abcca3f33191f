// The project's own nets over pictures of one size, as their config.json describes them: `model_type`, `image_size`
// (a side, or [height, width]), `num_channels` (1 or 3), `id2label`, and what each kind has beside these.
//
//   conv_net      Three convolutions of 5×5 (3►6►16►120 channels), max-pools of 2×2 behind each, then 120►84►labels
//                 (LeCun et al. 1998, with ReLU). A pool never makes a map smaller than one cell: along a side of 1
//                 its window is 1. Of 32×32 pictures the third convolution leaves 1×1, so that the third pool keeps
//                 it; of larger ones the first linear layer takes all 120 maps, cell by cell. `padding`: zeros around
//                 the picture; with 2, pictures of 28×28 are as those of 32×32.
//   dense_net     Linear layers with ReLU between, `hidden_sizes` wide.
//   residual_net  Basic blocks with batch norms (He et al. 2015): a 3×3 stem of stride `stem_stride`, `hidden_sizes`
//                 (16, 32, 64) wide stages of `blocks` blocks each, every stage but the first of half the height and
//                 width, the mean over what is left, and one linear layer.
#pragma once

#include "core/error.hpp"
#include "models/document.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chalkstream::models::nets {

enum class net_kind : std::uint8_t { conv, dense, residual };

/// "conv_net"
std::string_view to_string(net_kind kind) noexcept;
/// invalid_argument names those that there are.
result<net_kind> net_kind_from(std::string_view name);

struct net_description {
  net_kind kind = net_kind::residual;
  std::size_t channels = 3;
  std::size_t height = 32;
  std::size_t width = 32;
  /// id2label in order of ids.
  std::vector<std::string> labels;
  std::size_t padding = 0;               // conv
  std::vector<std::size_t> hidden_sizes; // dense, residual
  std::size_t blocks = 1;                // residual
  std::size_t stem_stride = 2;           // residual
};

/// What a tensor is to a net, and with that how it begins to learn. `direction`: in which a weight stretches most, as
/// spectral norms remember it.
enum class net_role : std::uint8_t { weight, bias, scale, running_mean, running_variance, direction };

struct net_tensor {
  std::string name;
  std::vector<std::size_t> shape;
  net_role role = net_role::weight;

  /// A norm's memory of what it has seen; all else is learnt by gradients.
  bool is_statistic() const noexcept { return role >= net_role::running_mean; }
};

/// As usual for the kind, over pictures of this size: conv_net is padded by 2 where a side is below 32.
net_description usual_net(net_kind kind, std::size_t channels, std::size_t height, std::size_t width,
                          std::vector<std::string> labels);

/// `image_size`: height and width, 1 to `most` each.
result<std::array<std::size_t, 2>> read_picture_size(const settings& configuration, std::size_t most);

/// `hidden_sizes`: 1 to 16 widths. Empty if it is not there.
result<std::vector<std::size_t>> read_hidden_sizes(const settings& configuration);

/// invalid_argument if a tensor would have more weights than make sense.
result<void> check_sizes(std::span<const net_tensor> tensors);

/// Whether config.json's model_type is one of these.
bool is_net(const settings& configuration);

/// Errors name the file, the key and what it may be.
result<net_description> describe_net(const settings& configuration);

/// invalid_argument if pictures of this size are too small for the net, or its sizes beyond all sense.
result<void> check_net(const net_description& net);

/// config.json.
std::string configuration_of(const net_description& net);

/// Every tensor of the net, in the order in which it is computed with. Of a net that check_net() lets pass.
std::vector<net_tensor> tensors_of(const net_description& net);

/// Collects tensors under the names that PyTorch's modules would give them.
class tensor_list {
public:
  void linear(const std::string& name, std::size_t out, std::size_t in, bool bias = true);
  void convolution(const std::string& name, std::size_t out, std::size_t in, std::size_t side, bool bias);
  void norm(const std::string& name, std::size_t width);
  void add(std::string name, std::vector<std::size_t> shape, net_role role);

  std::vector<net_tensor> take() && { return std::move(made_); }

private:
  std::vector<net_tensor> made_;
};

/// For one picture, batch norms left out.
double multiply_adds(const net_description& net);

/// Rows and columns that conv_net's last pool leaves; 0 where there are too few to begin with.
std::array<std::size_t, 2> cells_left(const net_description& conv);

} // namespace chalkstream::models::nets
