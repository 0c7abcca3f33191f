#include "models/vision/vision_kind.hpp"

#include "models/image/preprocessor.hpp"
#include "models/vision/nets/net_directory.hpp"
#include "models/vision/vision_directory.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace chalkstream::models::vision {
namespace {

result<image_input> input_of(const std::filesystem::path& directory, const image::preprocessor& pictures) {
  const auto size = pictures.size();
  if (!size)
    return error{errc::unsupported, directory.string()
                                        + ": preprocessor_config.json gives pictures of different sizes; this model "
                                          "takes images of one"};
  image_input input;
  input.size = *size;
  input.channels = pictures.channels();
  for (std::size_t c = 0; c < input.channels; ++c)
    std::ranges::copy(pictures.values(c), input.values.at(c).begin());
  return input;
}

} // namespace

result<bool> is_vision_model(const std::filesystem::path& directory) {
  std::error_code none;
  if (!std::filesystem::exists(directory / "config.json", none))
    return false;
  CHALK_TRY(const bool net, nets::is_image_net(directory));
  return net ? result<bool>(true) : takes_images(directory);
}

result<loaded_model> load_vision_model(const load_request& request, observer& watcher) {
  CHALK_TRY(auto pictures, image::preprocessor::read(request.directory));
  CHALK_TRY(const auto input, input_of(request.directory, pictures));
  CHALK_TRY(const bool net, nets::is_image_net(request.directory));
  CHALK_TRY(auto loaded,
            net ? nets::load_image_net(request, input, watcher) : load_network(request, input, watcher));
  loaded.pictures = std::make_shared<const image::preprocessor>(std::move(pictures));
  return loaded;
}

result<void> inspect_vision_model(const std::filesystem::path& directory) {
  CHALK_TRY(const auto pictures, image::preprocessor::read(directory));
  CHALK_TRY(const auto input, input_of(directory, pictures));
  CHALK_TRY(const bool net, nets::is_image_net(directory));
  return net ? nets::inspect_image_net(directory, input) : inspect_network(directory, input);
}

} // namespace chalkstream::models::vision
