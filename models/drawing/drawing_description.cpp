#include "models/drawing/drawing_description.hpp"

#include "models/families/configuration.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace chalkstream::models::drawing {

namespace {

using json = nlohmann::ordered_json;
using nets::net_role;
using nets::tensor_list;

constexpr std::size_t longest_side = 128;
constexpr std::size_t widest_layer = 4096;
constexpr std::size_t most_stages = 5;
constexpr std::size_t kernel = 4; // of what doubles and halves

std::string stage_name(const char* half, std::size_t stage) {
  return std::string(half) + ".stages." + std::to_string(stage);
}

} // namespace

result<drawing_description> describe_drawing(const settings& configuration) {
  const auto& c = configuration;
  CHALK_CHECK(families::require_text(c, "model_type", drawing_type));
  drawing_description net;
  CHALK_TRY(const auto size, nets::read_picture_size(c, longest_side));
  net.height = size[0];
  net.width = size[1];
  CHALK_TRY(net.channels, families::read_size(c, "num_channels", net.channels, 3));
  CHALK_TRY(net.labels, families::read_labels(c));
  CHALK_TRY(net.latent_size, families::read_size(c, "latent_size", net.latent_size, widest_layer));
  CHALK_TRY(net.label_size, families::read_size(c, "label_size", net.label_size, widest_layer));
  if (c.find("hidden_sizes") != nullptr) {
    CHALK_TRY(net.hidden_sizes, nets::read_hidden_sizes(c));
  }
  if (const auto good = check_drawing(net); !good)
    return error{errc::invalid_configuration, c.file() + ": " + good.error().message};
  return net;
}

result<void> check_drawing(const drawing_description& net) {
  const auto bad = [](std::string why) { return error{errc::invalid_argument, std::move(why)}; };
  if (net.channels != 1 && net.channels != 3)
    return bad("pictures have 1 or 3 channels, not " + std::to_string(net.channels));
  const auto stages = net.hidden_sizes.size();
  if (stages == 0 || stages > most_stages)
    return bad(std::to_string(stages) + " hidden_sizes; there may be 1 to " + std::to_string(most_stages));
  const auto cell = std::size_t{1} << stages;
  if (net.rows() == 0 || net.columns() == 0 || net.height % cell != 0 || net.width % cell != 0
      || std::max(net.height, net.width) > longest_side)
    return bad("pictures of " + std::to_string(net.height) + " by " + std::to_string(net.width)
               + " cannot be drawn: a side must be a multiple of " + std::to_string(cell) + ", and "
               + std::to_string(longest_side) + " at most");
  if (net.labels.empty() || net.labels.size() > widest_layer)
    return bad(std::to_string(net.labels.size()) + " labels; there may be 1 to " + std::to_string(widest_layer));
  for (const auto width : net.hidden_sizes)
    if (width == 0 || width > widest_layer)
      return bad("a layer of " + std::to_string(width) + "; it may be 1 to " + std::to_string(widest_layer)
                 + " wide");
  if (net.latent_size == 0 || net.label_size == 0 || std::max(net.latent_size, net.label_size) > widest_layer)
    return bad("latent_size and label_size may be 1 to " + std::to_string(widest_layer));
  CHALK_CHECK(nets::check_sizes(generator_tensors(net)));
  return nets::check_sizes(discriminator_tensors(net));
}

std::string configuration_of(const drawing_description& net) {
  json config = {{"model_type", std::string(drawing_type)},
                 {"architectures", {"ConditionalDcgan"}},
                 {"num_channels", net.channels}};
  if (net.height == net.width)
    config["image_size"] = net.height;
  else
    config["image_size"] = {net.height, net.width};
  config["latent_size"] = net.latent_size;
  config["label_size"] = net.label_size;
  config["hidden_sizes"] = net.hidden_sizes;
  config["id2label"] = json::object();
  config["label2id"] = json::object();
  for (std::size_t i = 0; i < net.labels.size(); ++i) {
    config["id2label"][std::to_string(i)] = net.labels[i];
    config["label2id"][net.labels[i]] = i;
  }
  return config.dump(2) + "\n";
}

std::vector<nets::net_tensor> generator_tensors(const drawing_description& net) {
  tensor_list made;
  const auto& widths = net.hidden_sizes;
  made.add("generator.labels.weight", {net.labels.size(), net.label_size}, net_role::weight);
  made.linear("generator.start", widths.front() * net.rows() * net.columns(), net.latent_size + net.label_size,
              false);
  made.norm("generator.start_norm", widths.front());
  for (std::size_t stage = 0; stage + 1 < widths.size(); ++stage) {
    const auto name = stage_name("generator", stage);
    made.convolution(name + ".convolution", widths[stage], widths[stage + 1], kernel, false); // [in, out, 4, 4]
    made.norm(name + ".norm", widths[stage + 1]);
  }
  made.add("generator.picture.weight", {widths.back(), net.channels, kernel, kernel}, net_role::weight);
  made.add("generator.picture.bias", {net.channels}, net_role::bias);
  return std::move(made).take();
}

std::vector<nets::net_tensor> discriminator_tensors(const drawing_description& net) {
  tensor_list made;
  auto in = net.channels;
  for (std::size_t stage = 0; stage < net.hidden_sizes.size(); ++stage) {
    const auto out = net.hidden_sizes[net.hidden_sizes.size() - 1 - stage];
    const auto name = stage_name("discriminator", stage);
    made.convolution(name, out, in, kernel, true);
    made.add(name + ".direction", {out}, net_role::direction);
    in = out;
  }
  made.convolution("discriminator.last", in, in, 3, true);
  made.add("discriminator.last.direction", {in}, net_role::direction);
  made.linear("discriminator.real", 1, in);
  made.add("discriminator.real.direction", {1}, net_role::direction);
  made.add("discriminator.labels.weight", {net.labels.size(), in}, net_role::weight);
  made.add("discriminator.labels.direction", {net.labels.size()}, net_role::direction);
  return std::move(made).take();
}

nets::net_description pictures_of(const drawing_description& net) {
  nets::net_description pictures;
  pictures.channels = net.channels;
  pictures.height = net.height;
  pictures.width = net.width;
  pictures.labels = net.labels;
  return pictures;
}

} // namespace chalkstream::models::drawing
