// What a model.yaml says of a program that someone exported: its file, what goes in and what comes out.
// `pipelines/exported_directory` reads it; here it is only a value.
#pragma once

#include "models/pooling.hpp"
#include "models/repository.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::models {

/// What a tensor [rows, tokens] that goes in holds. The mask has 1 where a token is and 0 where padding is; positions
/// count from 0.
enum class program_input : std::uint8_t { input_ids, attention_mask, token_type_ids, position_ids };

enum class input_type : std::uint8_t { int64, int32, float32, boolean };

struct input_tensor {
  std::string name;
  program_input holds = program_input::input_ids;
  input_type type = input_type::int64;
};

/// What comes out: of each text a vector [rows, width], the logits of its classes, or its scores (also [rows]); of
/// each token a state [rows, tokens, width] to pool, or the logits of its class; or of each token the logits of an
/// answer's start and end, [rows, tokens, 2] or two tensors [rows, tokens].
enum class program_output : std::uint8_t {
  embeddings,
  token_states,
  class_logits,
  scores,
  token_class_logits,
  span_logits,
};

/// Which of the tensors that come out: by its key in a dictionary, else by its place in a tuple (0: also a lone one).
struct output_place {
  std::size_t index = 0;
  std::string key = {};
};

struct exported_program {
  /// A name inside the model's directory.
  std::string file;
  /// In the order of the program's arguments; one of them holds input_ids.
  std::vector<input_tensor> inputs;
  program_output output = program_output::embeddings;
  /// One; two for an answer's starts and ends in tensors of their own.
  std::vector<output_place> places{output_place{}};
  /// token_states
  pooling_mode pooling = pooling_mode::mean;
  /// embeddings and token_states: to length one.
  bool normalize = false;
  /// Names of the logits or scores; empty: LABEL_0, …
  std::vector<std::string> labels;
  /// class_logits: each class is a question of its own.
  bool multi_label = false;
  /// Ids and token types that the program's tables have.
  std::size_t vocabulary = 0;
  std::size_t token_types = 2;
  std::size_t max_tokens = 0;
  std::int32_t padding_id = 0;
  /// Rows that the program was exported for; absent: any number.
  std::optional<std::size_t> fixed_batch;
  /// It takes max_tokens tokens and no other number; needs a mask.
  bool fixed_length = false;

  bool takes(program_input what) const noexcept {
    for (const auto& input : inputs)
      if (input.holds == what)
        return true;
    return false;
  }
};

/// The head that such an output serves.
constexpr head head_of(program_output output) noexcept {
  switch (output) {
  case program_output::embeddings:
  case program_output::token_states:
    return head::embedding;
  case program_output::class_logits:
  case program_output::scores:
    return head::logits;
  case program_output::token_class_logits:
    return head::token_logits;
  case program_output::span_logits:
    return head::span_logits;
  }
  return head::embedding;
}

/// As model.yaml spells it: "token_states".
std::string_view to_string(program_output output) noexcept;

} // namespace chalkstream::models
