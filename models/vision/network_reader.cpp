#include "models/vision/network_reader.hpp"

#include <array>
#include <utility>

namespace chalkstream::models::vision {
namespace {

constexpr std::array<std::string_view, 2> headless{"Model", "ForMaskedImageModeling"};
constexpr std::string_view classifier = "ForImageClassification";

} // namespace

network_reader::network_reader(const network_names& names, const settings& c, const tensor_group& weights,
                               const image_input& given)
    : configuration(c), input(given), find(weights, names.prefix, names.probe), names_(names) {}

result<void> network_reader::check_pictures() const {
  const auto& c = configuration;
  CHALK_TRY(const auto channels, read_size(c, "num_channels", 3, 4));
  if (channels != input.channels)
    return {errc::invalid_configuration, c.file() + ": 'num_channels' is " + std::to_string(channels)
                                             + "; preprocessor_config.json gives pictures of "
                                             + std::to_string(input.channels)};
  return families::require_flag(c, "interpolate_pos_encoding", false);
}

result<void> network_reader::check_size(const extent& wanted) const {
  const extent given{input.size.height, input.size.width};
  if (given == wanted)
    return {};
  return {errc::invalid_configuration, configuration.file() + ": image_size is " + to_string(wanted)
                                           + "; preprocessor_config.json gives pictures of " + to_string(given)
                                           + ", and positions are not interpolated"};
}

result<std::string> network_reader::read_architecture(std::span<const std::string_view> heads) {
  const auto& c = configuration;
  CHALK_CHECK(check_pictures());
  CHALK_TRY(const auto name, families::read_architecture_name(c));
  if (name.empty())
    return std::string();
  std::string known;
  const auto is = [&](std::string_view suffix) {
    known.append(known.empty() ? "" : ", ").append(names_.stem).append(suffix);
    return name == std::string(names_.stem) + std::string(suffix);
  };
  for (const auto suffix : headless)
    if (is(suffix))
      return std::string();
  if (is(classifier))
    return std::string(classifier);
  for (const auto suffix : heads)
    if (is(suffix))
      return std::string(suffix);
  return families::unsupported(c, "architecture '" + name + "' is not one this build knows (" + known + ")");
}

result<std::size_t> network_reader::read_labels() {
  CHALK_TRY(made.labels, families::read_labels(configuration));
  CHALK_TRY(made.problem_type, families::read_problem_type(configuration));
  return made.labels.size();
}

result<convolution> network_reader::read_convolution(const std::string& name, std::size_t out, std::size_t in,
                                                     extent kernel, bool biased) {
  convolution c;
  CHALK_TRY(c.weight, find.take(name + ".weight", {out, in, kernel.height, kernel.width}));
  if (biased) {
    CHALK_TRY(c.bias, find.take(name + ".bias", {out}));
  }
  return c;
}

result<convolution> network_reader::read_normalised(const std::string& name, std::size_t out, std::size_t in,
                                                    extent kernel, float epsilon) {
  return read_normalised(name + ".convolution", name + ".normalization", out, in, kernel, epsilon);
}

result<convolution> network_reader::read_normalised(const std::string& name, const std::string& norm, std::size_t out,
                                                    std::size_t in, extent kernel, float epsilon) {
  CHALK_TRY(auto c, read_convolution(name, out, in, kernel, false));
  batch_norm found;
  found.epsilon = epsilon;
  CHALK_TRY(found.tensors, find.norm(norm, out));
  CHALK_TRY(found.mean, find.take(norm + ".running_mean", {out}));
  CHALK_TRY(found.variance, find.take(norm + ".running_var", {out}));
  find.pass_over(norm + ".num_batches_tracked");
  c.norm = found;
  c.around = padding::half;
  return c;
}

result<linear_tensors> network_reader::read_linear(const std::string& name, std::size_t out, std::size_t in,
                                                   bool biased) {
  if (biased)
    return find.linear(name, out, in);
  linear_tensors tensors;
  CHALK_TRY(tensors.weight, find.take(name + ".weight", {out, in}));
  return tensors;
}

result<layer_norm> network_reader::read_norm(const std::string& name, std::size_t width, float epsilon) {
  CHALK_TRY(const auto tensors, find.norm(name, width));
  return layer_norm{tensors, epsilon};
}

result<attention_layer> network_reader::read_attention(const std::string& layer, const attention_names& called,
                                                       std::size_t width, std::size_t inner, std::size_t heads,
                                                       bool biased, float epsilon) {
  const auto name = [&](std::string_view part) { return layer + std::string(part); };
  attention_layer found;
  found.heads = heads;
  CHALK_TRY(found.attention_norm, read_norm(name(called.norm), width, epsilon));
  CHALK_TRY(found.query, read_linear(name(called.query), width, width, biased));
  CHALK_TRY(found.key, read_linear(name(called.key), width, width, biased));
  CHALK_TRY(found.value, read_linear(name(called.value), width, width, biased));
  CHALK_TRY(found.output, read_linear(name(called.output), width, width));
  CHALK_TRY(found.inner_norm, read_norm(name(called.inner_norm), width, epsilon));
  CHALK_TRY(found.up, read_linear(name(called.up), inner, width));
  CHALK_TRY(found.down, read_linear(name(called.down), width, inner));
  return found;
}

result<void> network_reader::read_head_over_embedding(const std::string& name, std::size_t width) {
  CHALK_TRY(const auto labels, read_labels());
  made.logits = made.embedding;
  CHALK_TRY(const auto classifier_tensors, find.head_linear(name, labels, width));
  made.logits.emplace_back(dense{classifier_tensors});
  return {};
}

result<network> network_reader::finish() {
  CHALK_CHECK(find.nothing_is_left(names_.title, names_.ignored));
  return std::move(made);
}

} // namespace chalkstream::models::vision
