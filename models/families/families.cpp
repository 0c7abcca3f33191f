#include "models/families/family.hpp"

#include <array>

namespace chalkstream::models::families {
namespace {

constexpr std::array<family, 1> known{{{"bert", describe_bert}}};

struct activation_name {
  std::string_view name;
  kernels::activation act;
};

using enum kernels::activation;
constexpr std::array<activation_name, 14> activations{{{"gelu", gelu},
                                                       {"gelu_python", gelu},
                                                       {"gelu_new", gelu_tanh},
                                                       {"gelu_fast", gelu_tanh},
                                                       {"gelu_pytorch_tanh", gelu_tanh},
                                                       {"gelu_python_tanh", gelu_tanh},
                                                       {"gelu_accurate", gelu_tanh},
                                                       {"quick_gelu", quick_gelu},
                                                       {"relu", relu},
                                                       {"silu", silu},
                                                       {"swish", silu},
                                                       {"tanh", kernels::activation::tanh},
                                                       {"sigmoid", sigmoid},
                                                       {"linear", identity}}};

} // namespace

std::span<const family> all() {
  return known;
}

result<const family*> family_of(const settings& configuration) {
  CHALK_TRY(const auto type, configuration.text("model_type", std::nullopt));
  std::string names;
  for (const auto& candidate : known) {
    if (candidate.model_type == type)
      return &candidate;
    names += (names.empty() ? "" : ", ") + std::string(candidate.model_type);
  }
  return {errc::unsupported,
          configuration.file() + ": model_type '" + type + "' is not one this build knows (" + names + ")"};
}

result<kernels::activation> activation_of(const settings& configuration, std::string_view member) {
  CHALK_TRY(const auto name, configuration.text(member, "gelu"));
  for (const auto& candidate : activations)
    if (candidate.name == name)
      return candidate.act;
  return {errc::unsupported, configuration.file() + ": " + std::string(member) + " '" + name
                                 + "' is not an activation this build knows"};
}

} // namespace chalkstream::models::families
