#include "models/vision/nets/net_directory.hpp"

#include "models/device.hpp"
#include "models/loading.hpp"
#include "models/vision/nets/net_layers.hpp"
#include "models/vision/nets/net_network.hpp"
#include "models/vision/network_cost.hpp"
#include "models/vision/vision_model.hpp"

#include <string>
#include <utility>

namespace chalkstream::models::nets {

namespace {

struct described_net {
  net_description net;
  tensor_archive weights;
};

result<described_net> describe(const std::filesystem::path& directory, const vision::image_input& input) {
  CHALK_TRY(const auto root, read_configuration(directory));
  const settings configuration((directory / "config.json").string(), root);
  CHALK_TRY(auto net, describe_net(configuration));
  if (input.size.height != net.height || input.size.width != net.width || input.channels != net.channels)
    return error{errc::invalid_configuration,
                 directory.string() + ": preprocessor_config.json makes pictures of "
                     + std::to_string(input.size.height) + " by " + std::to_string(input.size.width) + " with "
                     + std::to_string(input.channels) + " channels; config.json says " + std::to_string(net.height)
                     + " by " + std::to_string(net.width) + " with " + std::to_string(net.channels)};
  CHALK_TRY(auto weights, tensor_archive::open(directory));
  if (const auto good = check_tensors(net, weights); !good)
    return located(directory, good.error());
  return described_net{std::move(net), std::move(weights)};
}

} // namespace

result<bool> is_image_net(const std::filesystem::path& directory) {
  CHALK_TRY(const auto root, read_configuration(directory));
  return is_net(settings((directory / "config.json").string(), root));
}

result<loaded_model> load_image_net(const load_request& request, const vision::image_input& input,
                                    observer& watcher) {
  if (request.output != head::logits)
    return error{errc::invalid_configuration,
                 request.directory.string()
                     + ": is a net over pictures: it gives logits of its classes, and nothing else"};
  CHALK_TRY(const auto where, parse_device(request.device));
  const std::string step = "load " + request.name;
  watcher.progress(step, 0);
  CHALK_TRY(auto found, describe(request.directory, input));
  vision::vision_model::parts parts;
  CHALK_TRY(parts.compute, make_net_network(found.net, input, found.weights, where));
  parts.form = {input.size, input.channels};
  parts.width = found.net.labels.size();
  parts.image_tokens = vision::tokens_of({.width = parts.width, .multiply_adds = multiply_adds(found.net)});
  parts.one_by_one = where.kind == device_kind::cpu;
  CHALK_TRY(const auto digest, digest_of(request, found.weights.files()));
  parts.identity = identity_of(request, digest);
  CHALK_TRY(auto loaded, vision::ready_model(std::move(parts)));
  watcher.progress(step, 1);

  loaded.has_classifier = true;
  loaded.labels = std::move(found.net.labels);
  loaded.problem_type = "single_label_classification";
  return loaded;
}

result<void> inspect_image_net(const std::filesystem::path& directory, const vision::image_input& input) {
  CHALK_TRY(const auto found, describe(directory, input));
  return {};
}

} // namespace chalkstream::models::nets
