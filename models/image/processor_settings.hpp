// What an image processor of Hugging Face does, read from its configuration.
#pragma once

#include "core/error.hpp"
#include "models/image/picture_size.hpp"
#include "models/image/resample.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace chalkstream::image {

/// To which size a picture goes.
struct size_rule {
  enum class kind : std::uint8_t {
    as_it_is,
    exact,    // whatever its shape
    shortest, // its shortest edge to `shortest`; its shape stays
    within,   // likewise, but its longest edge to no more than `longest`
  };
  kind by = kind::as_it_is;
  picture_size exact = {};
  std::size_t shortest = 0;
  std::size_t longest = 0;
};

struct processor_settings {
  size_rule size;
  filter by = filter::bilinear;
  std::vector<picture_size> crops; // from the middle, one after the other; too small a picture is laid on black
  std::optional<picture_size> pad; // to the right and below, with black
  std::size_t channels = 3;
  std::vector<std::array<float, 256>> values; // of each channel's bytes, rescaled and normalised

  /// From the directory's preprocessor_config.json, or processor_config.json's image_processor. Defaults are those of the
  /// class it names, or, if it names none, of the class that config.json's model_type has.
  static result<processor_settings> read(const std::filesystem::path& directory);
};

} // namespace chalkstream::image
