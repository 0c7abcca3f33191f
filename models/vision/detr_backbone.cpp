#include "models/vision/detr_backbone.hpp"

#include "models/vision/resnet_layers.hpp"

#include <array>

namespace chalkstream::models::vision {
namespace {

constexpr std::string_view within = "backbone.conv_encoder.model.";

struct timm_resnet {
  std::string_view name;
  bool bottleneck;
  std::array<std::size_t, 4> depths;
};
constexpr std::array<timm_resnet, 6> timm_resnets{{{"resnet18", false, {2, 2, 2, 2}},
                                                   {"resnet34", false, {3, 4, 6, 3}},
                                                   {"resnet26", true, {2, 2, 2, 2}},
                                                   {"resnet50", true, {3, 4, 6, 3}},
                                                   {"resnet101", true, {3, 4, 23, 3}},
                                                   {"resnet152", true, {3, 8, 36, 3}}}};

// The last of a list of stages, by name or number, must be the backbone's own last one.
result<void> require_last_stage(const settings& c, std::size_t stages) {
  const auto last = [&c](const char* key) -> const json_value* {
    const auto* value = c.find(key);
    const auto* list = value == nullptr ? nullptr : value->as<json_value::array>();
    return list == nullptr || list->empty() ? nullptr : &list->back();
  };
  if (const auto* stage = last("out_features")) {
    const auto* name = stage->as<std::string>();
    const auto number = std::to_string(stages);
    if (name == nullptr || (*name != "stage" + number && *name != "layer" + number))
      return families::unsupported(c, "'out_features' must end in the backbone's last stage, " + number);
  } else if (const auto* index = last("out_indices")) {
    const auto* counted = index->as<std::uint64_t>();
    const auto* from_end = index->as<std::int64_t>();
    if ((counted == nullptr || *counted != stages) && (from_end == nullptr || *from_end != -1))
      return families::unsupported(c,
                                   "'out_indices' must end in the backbone's last stage, " + std::to_string(stages));
  }
  return {};
}

// Channels as the tensors have them: each of timm's variants has its own, and what is read is held against them.
result<std::size_t> channels_of(const network_reader& reader, const std::string& name) {
  const auto* weight = reader.find.look_at(std::string(within) + name + ".weight");
  if (weight == nullptr || weight->shape.size() != 4 || weight->shape[0] == 0 || weight->shape[0] > most_channels)
    return error{errc::corrupt, "the weights have no convolution 'model." + std::string(within) + name + "'"};
  return weight->shape[0];
}

// `c` is where `backbone` stands, "resnet50" or "resnet50.a1_in1k"; `given` where more about it may stand.
result<resnet_form> read_timm(const network_reader& reader, const settings& c, const settings& given,
                              std::size_t stride) {
  CHALK_TRY(const auto full, c.text("backbone", "resnet50"));
  const auto name = std::string_view(full).substr(0, full.find('.'));
  std::string known;
  for (const auto& candidate : timm_resnets) {
    known.append(known.empty() ? "" : ", ").append(candidate.name);
    if (candidate.name != name)
      continue;
    resnet_form form;
    form.bottleneck = candidate.bottleneck;
    form.depths.assign(candidate.depths.begin(), candidate.depths.end());
    CHALK_TRY(form.first, channels_of(reader, "conv1"));
    for (std::size_t stage = 1; stage <= form.depths.size(); ++stage) {
      const auto last = std::string(form.bottleneck ? "conv3" : "conv2");
      CHALK_TRY(const auto width, channels_of(reader, "layer" + std::to_string(stage) + ".0." + last));
      form.widths.push_back(width);
    }
    CHALK_TRY(form.most_stride, read_size(given, "output_stride", stride, 32));
    if (form.most_stride != 8 && form.most_stride != 16 && form.most_stride != 32)
      return families::unsupported(given, "'output_stride' must be 8, 16 or 32");
    CHALK_CHECK(require_last_stage(given, form.depths.size()));
    return form;
  }
  return families::unsupported(c, "backbone '" + full + "' is not one this build knows (" + known + ")");
}

const json_value* present(const settings& c, const char* key) {
  const auto* value = c.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

struct found_resnet {
  resnet_form form;
  resnet_names called = resnet_names::transformers;
};

result<found_resnet> find_resnet(const network_reader& reader) {
  const auto& c = reader.configuration;
  const json_value nothing(json_value::object{});
  CHALK_TRY(const bool dilated, c.flag("dilation", false));
  const auto* described = present(c, "backbone_config");
  CHALK_TRY(const bool by_name, c.flag("use_timm_backbone", described == nullptr));
  if (described == nullptr && by_name) {
    const auto* more = present(c, "backbone_kwargs");
    const settings given(c.file() + ": backbone_kwargs", more == nullptr ? nothing : *more);
    CHALK_TRY(auto form, read_timm(reader, c, given, dilated ? 16 : 32));
    return found_resnet{std::move(form), resnet_names::timm};
  }
  const settings its(c.file() + ": backbone_config", described == nullptr ? nothing : *described);
  CHALK_TRY(const auto type, its.text("model_type", "resnet"));
  if (type == "timm_backbone") {
    CHALK_TRY(auto form, read_timm(reader, its, its, 32));
    return found_resnet{std::move(form), resnet_names::timm};
  }
  if (type != "resnet")
    return families::unsupported(its, "model_type '" + type
                                          + "' is not a backbone this build knows (resnet, timm_backbone)");
  if (dilated)
    return families::unsupported(c, "'dilation' is for backbones of timm alone");
  CHALK_TRY(auto form, read_resnet_form(its));
  CHALK_CHECK(require_last_stage(its, form.depths.size()));
  return found_resnet{std::move(form)};
}

} // namespace

result<std::size_t> read_detr_backbone(network_reader& reader) {
  CHALK_TRY(const auto found, find_resnet(reader));
  CHALK_CHECK(read_resnet(reader, std::string(within), found.form, found.called));
  return found.form.widths.back();
}

} // namespace chalkstream::models::vision
