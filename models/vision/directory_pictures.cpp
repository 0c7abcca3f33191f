#include "models/vision/directory_pictures.hpp"

#include <algorithm>
#include <utility>

namespace chalkstream::models::vision {

result<directory_pictures> read_pictures(const std::filesystem::path& directory) {
  CHALK_TRY(auto prepare, image::preprocessor::read(directory));
  const auto size = prepare.size();
  if (!size)
    return error{errc::unsupported, directory.string()
                                        + ": preprocessor_config.json gives pictures of different sizes; this model "
                                          "takes images of one"};
  directory_pictures pictures;
  pictures.input.size = *size;
  pictures.input.channels = prepare.channels();
  for (std::size_t c = 0; c < pictures.input.channels; ++c)
    std::ranges::copy(prepare.values(c), pictures.input.values.at(c).begin());
  pictures.prepare = std::make_shared<const image::preprocessor>(std::move(prepare));
  return pictures;
}

} // namespace chalkstream::models::vision
