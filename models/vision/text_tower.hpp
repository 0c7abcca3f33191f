// The half of a model of images that reads texts: a causal transformer whose row for a text lies in the same space as
// the rows of images, to be compared with them by angle (CLIP).
#pragma once

#include "core/model.hpp"
#include "models/device.hpp"
#include "models/document.hpp"
#include "models/families/tensor_lookup.hpp"
#include "models/generation/stack_description.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace chalkstream::models::vision {

struct text_tower_description {
  stack_description stack;
  /// From the state of the text's last token to its row.
  map_tensors projection;
  /// The text's row is read at the first token of this id. Absent: at the largest id, which is what it was in the
  /// vocabularies of the first checkpoints, whose configurations name another.
  std::optional<std::int32_t> end;
  /// Cosines are multiplied by it before they are logits of what an image shows.
  double scale = 1;
};

/// Of a directory with both towers. Errors name the file, tensor or setting that is wrong.
result<text_tower_description> describe_clip_texts(const settings& configuration,
                                                   const families::tensor_group& weights);

/// Immutable after construction; may be called from many threads at once.
class text_tower {
public:
  virtual ~text_tower() = default;

  /// The text's row, one text at a time. It has fit(). Throws std::bad_alloc, or whatever LibTorch throws.
  virtual void compute(const sequence& text, std::span<float> row) const = 0;

  /// invalid_argument for a text that is empty, too long, or has an id outside the vocabulary.
  virtual result<void> fits(const sequence& text) const = 0;

  virtual std::size_t width() const noexcept = 0;
  /// The longest text.
  virtual std::size_t positions() const noexcept = 0;
  virtual std::size_t weight_bytes() const noexcept = 0;
};

/// On a CPU LibTorch then uses one thread a call, throughout the process.
result<std::unique_ptr<const text_tower>> make_text_tower(const text_tower_description& described,
                                                          const tensor_archive& weights, const device& where);

} // namespace chalkstream::models::vision
