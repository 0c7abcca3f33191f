#include "models/exported/exported_program.hpp"

namespace chalkstream::models {

std::string_view to_string(program_output output) noexcept {
  switch (output) {
  case program_output::embeddings:
    return "embeddings";
  case program_output::token_states:
    return "token_states";
  case program_output::class_logits:
    return "class_logits";
  case program_output::scores:
    return "scores";
  case program_output::token_class_logits:
    return "token_class_logits";
  case program_output::span_logits:
    return "span_logits";
  }
  return "unknown";
}

} // namespace chalkstream::models
