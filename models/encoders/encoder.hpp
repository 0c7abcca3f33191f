// The part of a model that turns token ids into states, on one device.
#pragma once

#include "core/crew.hpp"
#include "core/error.hpp"
#include "core/model.hpp"
#include "models/description.hpp"
#include "models/device.hpp"
#include "models/kernels/kernels.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace chalkstream::models {

/// What somebody wants of a sequence's states: a row for each token, the first one's, or the mean of all.
enum class wanted_rows : std::uint8_t { each, first, mean };

/// Immutable after construction; encode may be called from many threads at once.
class encoder {
public:
  virtual ~encoder() = default;

  /// Receives the states of sequence `index`: its tokens' rows, end to end. Borrowed for the call. Called once a
  /// sequence, in any order, from the thread that called encode.
  using sink = std::function<void(std::size_t index, std::span<const float> states)>;

  /// Sequences must be valid for the model. Throws std::bad_alloc, or whatever LibTorch throws.
  virtual void encode(std::span<const sequence* const> batch, crew* helpers, const sink& done) const = 0;

  /// As core's model port has it.
  virtual bool takes_help() const noexcept = 0;

  /// Memory its weights take: its own, and the mapped tables it reads in place.
  virtual std::size_t weight_bytes() const noexcept = 0;
};

/// From 0 to 1, while weights are prepared.
using load_progress = std::function<void(double)>;

/// Whether make_cpu_encoder can build it: all but DeBERTa's disentangled attention and convolution.
bool runs_on_kernels(const encoder_description& description) noexcept;

/// The fast path on CPUs: packed weights and fused kernels, no padding, results that do not depend on the batch or
/// the number of threads to the last bit. Linear weights are copied into panels and their mapped pages released;
/// embedding tables stay mapped. `corrupt` names a tensor with values that are not finite.
result<std::unique_ptr<encoder>> make_cpu_encoder(const encoder_description& description,
                                                  std::shared_ptr<const tensor_archive> weights,
                                                  const kernels::kernel_table& table, const load_progress& progress);

/// The same computation in LibTorch's device-generic operations: GPUs, what the kernels cannot do, and the oracle the
/// fast path is held against. Takes no help. On a GPU only the rows that are wanted leave it: one a sequence, or its
/// tokens'; on a CPU all do. With `one_by_one` a call computes its sequences one after the other, so
/// that on a CPU results do not depend on the batch; LibTorch then uses one thread a call, throughout the process.
result<std::unique_ptr<encoder>> make_torch_encoder(const encoder_description& description,
                                                    const tensor_archive& weights, const device& where,
                                                    const load_progress& progress, bool one_by_one = false,
                                                    wanted_rows wanted = wanted_rows::each);

} // namespace chalkstream::models
