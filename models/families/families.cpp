#include "models/families/family.hpp"

#include <array>

namespace chalkstream::models::families {
namespace {

constexpr std::array<family, 7> known{{{"bert", describe_bert, &bert_names},
                                       {"roberta", describe_roberta, &roberta_names},
                                       {"xlm-roberta", describe_xlm_roberta, &xlm_roberta_names},
                                       {"distilbert", describe_distilbert, &distilbert_names},
                                       {"electra", describe_electra, &electra_names},
                                       {"mpnet", describe_mpnet, &mpnet_names},
                                       {"deberta-v2", describe_deberta_v2, &deberta_v2_names}}};

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

} // namespace chalkstream::models::families
