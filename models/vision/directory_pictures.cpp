#include "models/vision/directory_pictures.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace chalkstream::models::vision {

namespace {

result<image::picture_size> size_of(const image::preprocessor& prepare, picture_sizes sizes) {
  const auto unsupported = [](const char* what) {
    return error{errc::unsupported, std::string("preprocessor_config.json ") + what};
  };
  if (sizes == picture_sizes::one) {
    const auto size = prepare.size();
    return size ? result<image::picture_size>(*size)
                : unsupported("gives pictures of different sizes; this model takes images of one");
  }
  if (prepare.pads())
    return unsupported("has a pad_size; this model computes each image at its own size, without padding");
  const auto largest = prepare.largest();
  return largest ? result<image::picture_size>(*largest)
                 : unsupported("gives pictures of any size; this model needs a bound (longest_edge)");
}

} // namespace

result<directory_pictures> read_pictures(const std::filesystem::path& directory, picture_sizes sizes) {
  CHALK_TRY(auto prepare, image::preprocessor::read(directory));
  const auto size = size_of(prepare, sizes);
  if (!size)
    return error{size.error().code, directory.string() + ": " + size.error().message};
  directory_pictures pictures;
  pictures.input.size = *size;
  pictures.input.own_sizes = sizes == picture_sizes::own;
  pictures.input.channels = prepare.channels();
  for (std::size_t c = 0; c < pictures.input.channels; ++c)
    std::ranges::copy(prepare.values(c), pictures.input.values.at(c).begin());
  pictures.prepare = std::make_shared<const image::preprocessor>(std::move(prepare));
  return pictures;
}

} // namespace chalkstream::models::vision
