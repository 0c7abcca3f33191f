// What the vision families share on their way from a configuration and its tensors to a network.
#pragma once

#include "models/families/configuration.hpp"
#include "models/families/tensor_lookup.hpp"
#include "models/vision/network.hpp"
#include "models/vision/size_settings.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace chalkstream::models::vision {

using families::read_activation;
using families::read_epsilon;
using families::read_size;
using families::tensor_group;

/// Widths and layers that a configuration may ask for.
inline constexpr std::size_t most_channels = 1u << 16;
inline constexpr std::size_t most_layers = 1024;
/// Of an image, along one side.
inline constexpr std::size_t most_pixels = 1u << 13;

struct network_names {
  /// For messages.
  std::string_view title;
  /// What the names in `architectures` begin with.
  std::string_view stem;
  /// What tensors begin with in a directory with a head.
  std::string_view prefix;
  /// A tensor that every such directory has.
  std::string_view probe;
  /// Tensors that are known and not needed.
  std::span<const std::string_view> ignored;
};

/// How a family calls the parts of a layer with attention. The defaults are those of ViT, DeiT and Swin, which differ
/// in the names of query, key and value.
struct attention_names {
  std::string_view norm = "layernorm_before";
  std::string_view query, key, value;
  std::string_view output = "attention.output.dense";
  std::string_view inner_norm = "layernorm_after";
  std::string_view up = "intermediate.dense";
  std::string_view down = "output.dense";
};

class network_reader {
public:
  /// All four must outlive it.
  network_reader(const network_names& names, const settings& configuration, const tensor_group& weights,
                 const image_input& input);

  /// How the name in `architectures` ends: "ForImageClassification" or one of `heads`; empty for a model without a
  /// trained head ("Model", "ForMaskedImageModeling", or no name at all). Also check_pictures().
  result<std::string> read_architecture(std::span<const std::string_view> heads = {});

  /// Holds num_channels against the pictures' channels; positions that are to be interpolated are `unsupported`.
  result<void> check_pictures() const;
  /// invalid_configuration for pictures of another size.
  result<void> check_size(const extent& wanted) const;

  /// Labels and problem type into the network; gives the number of labels.
  result<std::size_t> read_labels();

  /// `<name>.weight` and, if asked for, `<name>.bias`.
  result<convolution> read_convolution(const std::string& name, std::size_t out, std::size_t in, extent kernel,
                                       bool biased = true);
  /// The same without bias, with a norm of its own.
  result<convolution> read_normalised(const std::string& name, const std::string& norm, std::size_t out,
                                      std::size_t in, extent kernel, float epsilon);
  /// From `<name>.convolution` and `<name>.normalization`.
  result<convolution> read_normalised(const std::string& name, std::size_t out, std::size_t in, extent kernel,
                                      float epsilon);
  result<linear_tensors> read_linear(const std::string& name, std::size_t out, std::size_t in, bool biased = true);
  result<layer_norm> read_norm(const std::string& name, std::size_t width, float epsilon);
  /// `layer` and each name. `biased` is of query, key and value.
  result<attention_layer> read_attention(const std::string& layer, const attention_names& called, std::size_t width,
                                         std::size_t inner, std::size_t heads, bool biased, float epsilon);

  /// dense(`<name>`) behind what makes an embedding: the head of families that classify by it.
  result<void> read_head_over_embedding(const std::string& name, std::size_t width);

  /// The network, if no tensor is left that nobody knows.
  result<network> finish();

  const settings& configuration;
  const image_input& input;
  families::tensor_lookup find;
  network made;

private:
  const network_names& names_;
};

} // namespace chalkstream::models::vision
