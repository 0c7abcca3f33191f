// Where fine-tuning begins: the encoder of a Hugging Face directory of any kind with a head for the task, under the
// names its new directory will have. A head that was trained for the same labels goes on; any other begins at random.
#pragma once

#include "core/error.hpp"
#include "models/description.hpp"
#include "models/encoders/torch_layers.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace chalkstream::models::training {

struct wanted_model {
  /// A directory of a family this build knows, with any head or none.
  std::filesystem::path directory;
  head_kind head = head_kind::text;
  /// id2label; of question answering empty.
  std::vector<std::string> labels;
  /// As config.json has it; of question answering empty.
  std::string problem_type;
  /// Of what begins at random.
  std::uint64_t seed = 0;
};

struct starting_point {
  std::shared_ptr<const tensor_archive> weights;
  /// Its head is never absent.
  model_description model;
  /// The new config.json.
  std::string configuration;
  /// As the configuration says, and between the pooler and the classifier.
  dropout_rates dropout;
  double head_dropout = 0;
  /// The longest sequence: the smaller of the tokenizer's limit and the model's positions.
  std::size_t max_tokens = 0;
};

/// Errors are those of describing the directory.
result<starting_point> start_from(const wanted_model& wanted);

} // namespace chalkstream::models::training
