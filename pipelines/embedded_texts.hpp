// Texts that are known when a pipeline starts, as vectors: a catalogue's resources, the passages of course material.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "pipelines/text_task.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace chalkstream::pipelines {

/// Runs sequences through the encoder, one row each; blocks. Used while the task is made and not after.
using embed_function = std::function<result<output_rows>(std::span<const sequence>)>;

struct known_texts {
  std::size_t count = 0;
  std::function<std::string(std::size_t)> text;
  /// As errors call it.
  std::function<std::string(std::size_t)> name;
};

/// Cuts each text for the encoder and calls `take` with its vector of unit length, in order; `progress` hears the
/// share that is done, after each batch of some thousand tokens. Returns how many texts were longer than the encoder
/// reads. An encoder without a vector for a text is `corrupt`.
result<std::size_t> embed_texts(const task_model& encoder, const known_texts& texts, const embed_function& embed,
                                const std::function<result<void>(std::span<const float>)>& take,
                                const std::function<void(double)>& progress);

} // namespace chalkstream::pipelines
