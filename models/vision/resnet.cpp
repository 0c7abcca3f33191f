// ResNet as Hugging Face stores it, with basic layers or bottlenecks.
#include "models/vision/resnet_layers.hpp"
#include "models/vision/vision_family.hpp"

namespace chalkstream::models::vision {
namespace {

constexpr network_names names{"ResNet", "ResNet", "resnet.", "embedder.embedder.convolution.weight", {}};

} // namespace

result<network> describe_resnet(const settings& c, const tensor_group& weights, const image_input& input) {
  network_reader reader(names, c, weights, input);
  CHALK_TRY(const auto architecture, reader.read_architecture());
  CHALK_TRY(const auto form, read_resnet_form(c));
  CHALK_CHECK(read_resnet(reader, "", form, resnet_names::transformers));
  reader.made.embedding.emplace_back(mean{});
  if (!architecture.empty())
    CHALK_CHECK(reader.read_head_over_embedding("classifier.1", form.widths.back()));
  return reader.finish();
}

} // namespace chalkstream::models::vision
