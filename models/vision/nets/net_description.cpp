#include "models/vision/nets/net_description.hpp"

#include "models/families/configuration.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace chalkstream::models::nets {

namespace {

using json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 3> names{"conv_net", "dense_net", "residual_net"};
constexpr std::array<std::string_view, 3> architectures{
    "ConvNetForImageClassification", "DenseNetForImageClassification", "ResidualNetForImageClassification"};

constexpr std::size_t longest_side = 512;
constexpr std::size_t widest_layer = 16384;
constexpr std::size_t most_layers = 16;
constexpr std::size_t most_weights = std::size_t{1} << 28; // of one layer
constexpr std::size_t window = 5;                          // of conv_net's convolutions
constexpr std::size_t conv_maps = 120;
constexpr std::size_t conv_hidden = 84;

std::size_t side_left(std::size_t side, std::size_t padding) {
  side += 2 * padding;
  for (int layer = 0; layer < 3; ++layer) {
    if (side < window)
      return 0;
    side = std::max<std::size_t>((side - window + 1) / 2, 1);
  }
  return side;
}

error wrong(const settings& c, std::string_view key, const std::string& meant) {
  return {errc::invalid_configuration, c.file() + ": '" + std::string(key) + "' must be " + meant};
}

result<std::size_t> whole(const settings& c, std::string_view key, const json_value& value, std::size_t most) {
  const auto* number = value.as<std::uint64_t>();
  if (number == nullptr || *number == 0 || *number > most)
    return wrong(c, key, "of whole numbers from 1 to " + std::to_string(most));
  return static_cast<std::size_t>(*number);
}

void add_conv(const net_description& net, tensor_list& to) {
  to.convolution("convolution1", 6, net.channels, window, true);
  to.convolution("convolution2", 16, 6, window, true);
  to.convolution("convolution3", conv_maps, 16, window, true);
  const auto [rows, columns] = cells_left(net);
  to.linear("hidden", conv_hidden, conv_maps * rows * columns);
  to.linear("classifier", net.labels.size(), conv_hidden);
}

void add_dense(const net_description& net, tensor_list& to) {
  auto in = net.channels * net.height * net.width;
  for (std::size_t i = 0; i < net.hidden_sizes.size(); ++i) {
    to.linear("layers." + std::to_string(i), net.hidden_sizes[i], in);
    in = net.hidden_sizes[i];
  }
  to.linear("classifier", net.labels.size(), in);
}

void add_residual(const net_description& net, tensor_list& to) {
  auto in = net.hidden_sizes.front();
  to.convolution("stem.convolution", in, net.channels, 3, false);
  to.norm("stem.norm", in);
  for (std::size_t stage = 0; stage < net.hidden_sizes.size(); ++stage)
    for (std::size_t block = 0; block < net.blocks; ++block) {
      const auto name = "stages." + std::to_string(stage) + "." + std::to_string(block);
      const auto out = net.hidden_sizes[stage];
      to.convolution(name + ".convolution1", out, in, 3, false);
      to.norm(name + ".norm1", out);
      to.convolution(name + ".convolution2", out, out, 3, false);
      to.norm(name + ".norm2", out);
      if (block == 0 && (stage > 0 || in != out)) {
        to.convolution(name + ".shortcut.convolution", out, in, 1, false);
        to.norm(name + ".shortcut.norm", out);
      }
      in = out;
    }
  to.linear("classifier", net.labels.size(), in);
}

} // namespace

std::string_view to_string(net_kind kind) noexcept {
  return names[static_cast<std::size_t>(kind)];
}

result<net_kind> net_kind_from(std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    return error{errc::invalid_argument,
                 "there is no net '" + std::string(name) + "'; there are conv_net, dense_net and residual_net"};
  return static_cast<net_kind>(found - names.begin());
}

net_description usual_net(net_kind kind, std::size_t channels, std::size_t height, std::size_t width,
                          std::vector<std::string> labels) {
  net_description net{kind, channels, height, width, std::move(labels), 0, {}, 1, 2};
  if (kind == net_kind::conv && std::min(height, width) < 32)
    net.padding = 2;
  if (kind == net_kind::dense)
    net.hidden_sizes = {512, 256};
  if (kind == net_kind::residual)
    net.hidden_sizes = {16, 32, 64};
  return net;
}

result<std::array<std::size_t, 2>> read_picture_size(const settings& c, std::size_t most) {
  const auto* size = c.find("image_size");
  if (size == nullptr)
    return wrong(c, "image_size", "there: a side, or [height, width]");
  const auto* sides = size->as<json_value::array>();
  if (sides != nullptr && sides->size() != 2)
    return wrong(c, "image_size", "a side, or [height, width]");
  CHALK_TRY(const auto height, whole(c, "image_size", sides == nullptr ? *size : sides->front(), most));
  CHALK_TRY(const auto width, whole(c, "image_size", sides == nullptr ? *size : sides->back(), most));
  return std::array{height, width};
}

result<std::vector<std::size_t>> read_hidden_sizes(const settings& c) {
  std::vector<std::size_t> widths;
  const auto* sizes = c.find("hidden_sizes");
  if (sizes == nullptr)
    return widths;
  const auto* list = sizes->as<json_value::array>();
  if (list == nullptr || list->empty() || list->size() > most_layers)
    return wrong(c, "hidden_sizes", "a list of 1 to " + std::to_string(most_layers) + " widths");
  for (const auto& size : *list) {
    CHALK_TRY(widths.emplace_back(), whole(c, "hidden_sizes", size, widest_layer));
  }
  return widths;
}

result<void> check_sizes(std::span<const net_tensor> tensors) {
  for (const auto& tensor : tensors) {
    std::size_t elements = 1;
    for (const auto side : tensor.shape)
      elements *= side; // below 2⁶⁴: four sides that are bounded each
    if (elements > most_weights)
      return {errc::invalid_argument, "tensor '" + tensor.name + "' would have " + std::to_string(elements)
                                          + " weights; the limit is " + std::to_string(most_weights)};
  }
  return {};
}

void tensor_list::linear(const std::string& name, std::size_t out, std::size_t in, bool bias) {
  add(name + ".weight", {out, in}, net_role::weight);
  if (bias)
    add(name + ".bias", {out}, net_role::bias);
}

void tensor_list::convolution(const std::string& name, std::size_t out, std::size_t in, std::size_t side, bool bias) {
  add(name + ".weight", {out, in, side, side}, net_role::weight);
  if (bias)
    add(name + ".bias", {out}, net_role::bias);
}

void tensor_list::norm(const std::string& name, std::size_t width) {
  add(name + ".weight", {width}, net_role::scale);
  add(name + ".bias", {width}, net_role::bias);
  add(name + ".running_mean", {width}, net_role::running_mean);
  add(name + ".running_var", {width}, net_role::running_variance);
}

void tensor_list::add(std::string name, std::vector<std::size_t> shape, net_role role) {
  made_.push_back({std::move(name), std::move(shape), role});
}

bool is_net(const settings& configuration) {
  const auto* type = configuration.find("model_type");
  const auto* name = type == nullptr ? nullptr : type->as<std::string>();
  return name != nullptr && std::find(names.begin(), names.end(), *name) != names.end();
}

result<net_description> describe_net(const settings& configuration) {
  const auto& c = configuration;
  CHALK_TRY(const auto type, c.text("model_type", std::nullopt));
  auto kind = net_kind_from(type);
  if (!kind)
    return error{errc::unsupported, c.file() + ": 'model_type': " + kind.error().message};
  CHALK_TRY(const auto size, read_picture_size(c, longest_side));
  CHALK_TRY(const auto channels, c.whole_number("num_channels", 3));
  CHALK_TRY(auto labels, families::read_labels(c));
  auto net = usual_net(*kind, channels, size[0], size[1], std::move(labels));
  CHALK_TRY(net.padding, families::read_size(c, "padding", net.padding, 64, true));
  if (c.find("hidden_sizes") != nullptr) {
    CHALK_TRY(net.hidden_sizes, read_hidden_sizes(c));
  }
  CHALK_TRY(net.blocks, families::read_size(c, "blocks", net.blocks, most_layers));
  CHALK_TRY(net.stem_stride, families::read_size(c, "stem_stride", net.stem_stride, 2));
  if (const auto good = check_net(net); !good)
    return error{errc::invalid_configuration, c.file() + ": " + good.error().message};
  return net;
}

result<void> check_net(const net_description& net) {
  const auto size = std::to_string(net.height) + " by " + std::to_string(net.width);
  if (net.channels != 1 && net.channels != 3)
    return {errc::invalid_argument, "pictures have 1 or 3 channels, not " + std::to_string(net.channels)};
  if (net.height == 0 || net.width == 0 || std::max(net.height, net.width) > longest_side)
    return {errc::invalid_argument, "pictures of " + size + "; a side may be 1 to " + std::to_string(longest_side)};
  if (net.labels.empty() || net.labels.size() > widest_layer)
    return {errc::invalid_argument,
            std::to_string(net.labels.size()) + " labels; there may be 1 to " + std::to_string(widest_layer)};
  if (net.kind == net_kind::conv && std::min(cells_left(net)[0], cells_left(net)[1]) == 0)
    return {errc::invalid_argument, "pictures of " + size + ", padded by " + std::to_string(net.padding)
                                        + ", are too small for conv_net: its convolutions need sides of "
                                        + std::to_string(32 - std::min<std::size_t>(2 * net.padding, 31))
                                        + " at least"};
  return check_sizes(tensors_of(net));
}

std::string configuration_of(const net_description& net) {
  json config = {{"model_type", std::string(to_string(net.kind))},
                 {"architectures", {std::string(architectures[static_cast<std::size_t>(net.kind)])}},
                 {"problem_type", "single_label_classification"},
                 {"num_channels", net.channels}};
  if (net.height == net.width)
    config["image_size"] = net.height;
  else
    config["image_size"] = {net.height, net.width};
  if (net.kind == net_kind::conv)
    config["padding"] = net.padding;
  else
    config["hidden_sizes"] = net.hidden_sizes;
  if (net.kind == net_kind::residual) {
    config["blocks"] = net.blocks;
    config["stem_stride"] = net.stem_stride;
  }
  config["id2label"] = json::object();
  config["label2id"] = json::object();
  for (std::size_t i = 0; i < net.labels.size(); ++i) {
    config["id2label"][std::to_string(i)] = net.labels[i];
    config["label2id"][net.labels[i]] = i;
  }
  return config.dump(2) + "\n";
}

std::vector<net_tensor> tensors_of(const net_description& net) {
  tensor_list made;
  switch (net.kind) {
  case net_kind::conv:
    add_conv(net, made);
    break;
  case net_kind::dense:
    add_dense(net, made);
    break;
  case net_kind::residual:
    add_residual(net, made);
    break;
  }
  return std::move(made).take();
}

double multiply_adds(const net_description& net) {
  // Every weight is used once at each place of the map it makes; a net of linear layers has one place.
  double sum = 0;
  auto height = net.height + 2 * net.padding;
  auto width = net.width + 2 * net.padding;
  for (const auto& tensor : tensors_of(net)) {
    if (tensor.role != net_role::weight)
      continue;
    double weights = 1;
    for (const auto side : tensor.shape)
      weights *= static_cast<double>(side);
    if (tensor.shape.size() == 2) {
      sum += weights;
    } else if (net.kind == net_kind::conv) {
      height -= window - 1;
      width -= window - 1;
      sum += weights * static_cast<double>(height * width);
      height = std::max<std::size_t>(height / 2, 1);
      width = std::max<std::size_t>(width / 2, 1);
    } else {
      const bool halves = tensor.name == "stem.convolution.weight" ? net.stem_stride == 2
                                                                   : tensor.name.ends_with(".0.convolution1.weight")
                                                                         && !tensor.name.starts_with("stages.0.");
      if (halves) {
        height = (height + 1) / 2;
        width = (width + 1) / 2;
      }
      sum += weights * static_cast<double>(height * width);
    }
  }
  return sum;
}

std::array<std::size_t, 2> cells_left(const net_description& conv) {
  return {side_left(conv.height, conv.padding), side_left(conv.width, conv.padding)};
}

} // namespace chalkstream::models::nets
