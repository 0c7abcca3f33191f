// Nets that draw pictures of a label: a conditional DCGAN (Radford et al. 2016), as its config.json describes it:
// `model_type` "conditional_dcgan", `image_size` (a side, or [height, width]), `num_channels` (1 or 3), `id2label`,
// `latent_size`, `label_size` and `hidden_sizes`.
//
//   generator      `latent_size` numbers and the label's embedding (`label_size` wide) become a map of
//                  hidden_sizes[0] channels; each 4×4 convolution of stride 1/2 doubles its sides, the last one makes
//                  the picture. Batch norms and ReLU between, tanh at the end: −1 is 0, 1 is 255.
//   discriminator  The same the other way round with LeakyReLU 0.2, a 3×3 convolution, the sum over the map, and how
//                  real that is: one number for any picture, and one by the label (projection; Miyato & Koyama 2018).
//                  Every weight is divided by how far it can stretch (spectral norm; Miyato et al. 2018).
#pragma once

#include "core/error.hpp"
#include "models/document.hpp"
#include "models/vision/nets/net_description.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::models::drawing {

struct drawing_description {
  std::size_t channels = 1;
  std::size_t height = 28;
  std::size_t width = 28;
  /// id2label in order of ids.
  std::vector<std::string> labels;
  std::size_t latent_size = 64;
  std::size_t label_size = 32;
  /// From the smallest map to the largest; as many times a picture's sides are halved.
  std::vector<std::size_t> hidden_sizes{128, 64};

  /// Of the smallest map.
  std::size_t rows() const noexcept { return height >> hidden_sizes.size(); }
  std::size_t columns() const noexcept { return width >> hidden_sizes.size(); }
};

inline constexpr std::string_view drawing_type = "conditional_dcgan";

/// Errors name the file, the key and what it may be; `unsupported` for another model_type.
result<drawing_description> describe_drawing(const settings& configuration);

/// invalid_argument if its sizes do not fit together, or are beyond all sense.
result<void> check_drawing(const drawing_description& net);

/// config.json.
std::string configuration_of(const drawing_description& net);

/// Every tensor, in the order in which it is computed with. Of a net that check_drawing() lets pass.
std::vector<nets::net_tensor> generator_tensors(const drawing_description& net);
std::vector<nets::net_tensor> discriminator_tensors(const drawing_description& net);

/// Its pictures, as nets::check_picture() and nets::pixels_of() know them.
nets::net_description pictures_of(const drawing_description& net);

} // namespace chalkstream::models::drawing
