// The families of models this build knows, by config.json's `model_type`. A family is one function in one file: it
// reads the configuration, finds every tensor it needs, and answers with a description or with an error that names
// what it does not know. Adding one means adding its file and its line in families.cpp.
#pragma once

#include "models/description.hpp"
#include "models/document.hpp"

#include <span>
#include <string>
#include <string_view>

namespace chalkstream::models::families {

struct family_names;

struct family {
  std::string_view model_type;
  result<model_description> (*describe)(const settings& configuration, const tensor_archive& weights);
  /// For whoever writes a directory of this family.
  const family_names* names;
};

std::span<const family> all();

/// The family of a configuration; `unsupported` names the model_type and those that are known.
result<const family*> family_of(const settings& configuration);

extern const family_names bert_names, roberta_names, xlm_roberta_names, distilbert_names, electra_names, mpnet_names,
    deberta_v2_names;
result<model_description> describe_bert(const settings& configuration, const tensor_archive& weights);
result<model_description> describe_roberta(const settings& configuration, const tensor_archive& weights);
result<model_description> describe_xlm_roberta(const settings& configuration, const tensor_archive& weights);
result<model_description> describe_distilbert(const settings& configuration, const tensor_archive& weights);
result<model_description> describe_electra(const settings& configuration, const tensor_archive& weights);
result<model_description> describe_mpnet(const settings& configuration, const tensor_archive& weights);
result<model_description> describe_deberta_v2(const settings& configuration, const tensor_archive& weights);

} // namespace chalkstream::models::families
