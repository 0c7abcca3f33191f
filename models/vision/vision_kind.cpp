#include "models/vision/vision_kind.hpp"

#include "models/vision/directory_pictures.hpp"
#include "models/vision/nets/net_directory.hpp"
#include "models/vision/vision_directory.hpp"

namespace chalkstream::models::vision {
namespace {

result<directory_pictures> pictures_of(const std::filesystem::path& directory) {
  CHALK_TRY(const bool own_sizes, finds_regions(directory));
  return read_pictures(directory, own_sizes ? picture_sizes::own : picture_sizes::one);
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
  CHALK_TRY(const auto pictures, pictures_of(request.directory));
  CHALK_TRY(const bool net, nets::is_image_net(request.directory));
  CHALK_TRY(auto loaded, net ? nets::load_image_net(request, pictures.input, watcher)
                             : load_network(request, pictures.input, watcher));
  loaded.pictures = pictures.prepare;
  return loaded;
}

result<void> inspect_vision_model(const std::filesystem::path& directory) {
  CHALK_TRY(const auto pictures, pictures_of(directory));
  CHALK_TRY(const bool net, nets::is_image_net(directory));
  return net ? nets::inspect_image_net(directory, pictures.input) : inspect_network(directory, pictures.input);
}

} // namespace chalkstream::models::vision
