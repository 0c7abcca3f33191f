#include "models/reading/line_reader.hpp"

#include "models/image/picture_channels.hpp"
#include "models/image/resample.hpp"
#include "models/loading.hpp"
#include "models/reading/line_layers.hpp"
#include "models/training/guarded.hpp"
#include "models/vision/nets/net_layers.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <utility>

namespace chalkstream::models::reading {

std::shared_ptr<const picture> brought_to_line(const picture& any) {
  if (any.width == 0 || any.height == 0 || any.values.size() != any.width * any.height * any.channels
      || (any.channels != 1 && any.channels != 3))
    return nullptr;
  const auto columns = (2 * any.width * line_height + any.height) / (2 * any.height);
  const auto width = std::max(columns, columns_a_step);
  if (width > widest_line)
    return nullptr;
  auto line = image::with_channels(any, 1);
  if (line.width != width || line.height != line_height)
    line = image::resample(line, {width, line_height}, image::filter::bilinear);
  return std::make_shared<const picture>(std::move(line));
}

struct line_reader::parts {
  parts(line_description n, tensor_archive w, const device& there)
      : net(std::move(n)), weights(std::move(w)), where(there), layers(net, weights, there) {}

  line_description net;
  tensor_archive weights;
  device where;
  line_layers layers;
};

line_reader::line_reader(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
line_reader::~line_reader() = default;

const line_description& line_reader::description() const noexcept {
  return parts_->net;
}

std::vector<file_stamp> line_reader::files() const {
  return parts_->weights.files();
}

result<std::unique_ptr<line_reader>> line_reader::open(const std::filesystem::path& directory,
                                                       const std::string& device) {
  CHALK_TRY(const auto root, read_configuration(directory));
  CHALK_TRY(auto net, describe_line_reader(settings((directory / "config.json").string(), root)));
  CHALK_TRY(auto weights, tensor_archive::open(directory));
  if (const auto good = nets::check_tensors(tensors_of(net), reader_type, weights); !good)
    return located(directory, good.error());
  return training::guarded([&]() -> result<std::unique_ptr<line_reader>> {
    CHALK_TRY(const auto where, parse_device(device));
    CHALK_CHECK(prepare_device(where));
    if (where.kind == device_kind::cpu)
      at::set_num_threads(1);
    const c10::InferenceMode no_gradients;
    return std::unique_ptr<line_reader>(
        new line_reader(std::make_unique<parts>(std::move(net), std::move(weights), where)));
  });
}

result<line_text> line_reader::read(const picture& any) const {
  const auto line = brought_to_line(any);
  if (line == nullptr)
    return error{errc::invalid_argument, "a line of " + std::to_string(any.height) + " by "
                                             + std::to_string(any.width) + " pixels: at a height of "
                                             + std::to_string(line_height) + " it may be "
                                             + std::to_string(widest_line) + " wide at most"};
  return training::guarded([&]() -> result<line_text> {
    const c10::InferenceMode no_gradients;
    const auto* one = line.get();
    const auto logs =
        parts_->layers.logs(batch_of({&one, 1}, parts_->where), nets::norms::remembered).to(at::kCPU).contiguous();
    return greedy_text({logs.const_data_ptr<float>(), static_cast<std::size_t>(logs.numel())},
                       parts_->net.characters);
  });
}

} // namespace chalkstream::models::reading
