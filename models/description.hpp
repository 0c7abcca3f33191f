// What a family makes of a model directory: sizes, and for each role the tensor that plays it. Nothing is copied and
// no weight is touched, so describing a model is also how it is checked. Encoders build themselves from this.
#pragma once

#include "models/kernels/kernels.hpp"
#include "models/safetensors.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace chalkstream::models {

/// Borrowed from the archive: weight [out, in], bias [out].
struct linear_tensors {
  const tensor_view* weight = nullptr;
  const tensor_view* bias = nullptr;

  std::size_t in() const { return weight->shape[1]; }
  std::size_t out() const { return weight->shape[0]; }
};

struct norm_tensors {
  const tensor_view* gamma = nullptr;
  const tensor_view* beta = nullptr;
};

struct layer_tensors {
  linear_tensors query;
  linear_tensors key;
  linear_tensors value;
  linear_tensors attention_output;
  norm_tensors attention_norm;
  linear_tensors up;
  linear_tensors down;
  norm_tensors output_norm;
};

/// An encoder of BERT's shape: embeddings summed and normalised, then layers with normalisation after each residual.
struct encoder_description {
  std::size_t vocabulary = 0;
  std::size_t width = 0;
  std::size_t heads = 0;
  std::size_t positions = 0;
  /// Token types the model knows; 0 if it has none.
  std::size_t types = 0;
  float epsilon = 1e-12f;
  kernels::activation activation = kernels::activation::gelu;
  const tensor_view* word_table = nullptr;
  const tensor_view* position_table = nullptr;
  const tensor_view* type_table = nullptr;
  norm_tensors embedding_norm;
  std::vector<layer_tensors> layers;
};

/// What turns the first token's state into logits: activation(pooler), then the classifier.
struct classifier_description {
  linear_tensors pooler;
  kernels::activation pooler_activation = kernels::activation::tanh;
  linear_tensors classifier;
};

struct model_description {
  encoder_description encoder;
  /// Present if the directory holds a trained head.
  std::optional<classifier_description> head;
  /// id2label in order of ids; "LABEL_0", … where the configuration names none.
  std::vector<std::string> labels;
  /// regression, single_label_classification or multi_label_classification; empty if not stated.
  std::string problem_type;
};

} // namespace chalkstream::models
