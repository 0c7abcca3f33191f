// From a description to a decoder.
#pragma once

#include "models/device.hpp"
#include "models/encoders/encoder.hpp"
#include "models/generation/decoder.hpp"
#include "models/generation/recurrent_description.hpp"
#include "models/generation/stack_description.hpp"
#include "models/kernels/kernels.hpp"

#include <cstddef>
#include <memory>

namespace chalkstream::models {

/// A decoder and the memory its weights take: its own, and the mapped tables it reads in place. The cache is apart.
struct made_decoder {
  std::unique_ptr<const decoder> compute;
  std::size_t weight_bytes = 0;
};

/// On a CPU: packed weights and the kernels of `table`, one thread a call. A line's logits are the same bits whatever
/// it is batched with, and whether its tokens came one by one or as a prompt. Memory of the cache is taken as lines
/// first need it. invalid_argument if `cache_bytes` do not hold a block of tokens; `corrupt` names a tensor with
/// values that are not finite.
result<made_decoder> make_cpu_decoder(const generator_description& description,
                                      std::shared_ptr<const tensor_archive> weights,
                                      const kernels::kernel_table& table, std::size_t cache_bytes,
                                      const load_progress& progress);

/// The same computation in LibTorch's device-generic operations: GPUs, and the oracle the kernels are held against.
/// The whole cache is taken at once. On a CPU LibTorch then uses one thread a call, throughout the process.
result<made_decoder> make_torch_decoder(const generator_description& description,
                                        std::shared_ptr<const tensor_archive> weights, const device& where,
                                        std::size_t cache_bytes, const load_progress& progress);

/// A recurrent model on a CPU, likewise with the same bits for any batch. A block is the state of a line, or 16
/// tokens of a source: a line costs one however long it grows.
result<made_decoder> make_lstm_decoder(const recurrent_description& description,
                                       std::shared_ptr<const tensor_archive> weights,
                                       const kernels::kernel_table& table, std::size_t cache_bytes,
                                       const load_progress& progress);

/// What all of them begin with: the blocks that `cache_bytes` hold (a block is keys and values of all layers and
/// heads for 16 tokens), and how far loading is, layer by layer.
result<std::size_t> cache_blocks(const generator_description& description, std::size_t cache_bytes);
result<std::size_t> cache_blocks(std::size_t block_bytes, std::size_t cache_bytes);

class loading_steps {
public:
  loading_steps(const generator_description& description, const load_progress& progress)
      : loading_steps((description.encoder ? description.encoder->layers.size() : 0) + (description.pictures ? 1 : 0)
                          + description.decoder.layers.size() + 1,
                      progress) {}
  loading_steps(std::size_t all, const load_progress& progress) : all_(all), progress_(progress) {}

  void one_more() {
    ++done_;
    if (progress_)
      progress_(static_cast<double>(done_) / static_cast<double>(all_));
  }

private:
  std::size_t all_;
  std::size_t done_ = 0;
  const load_progress& progress_;
};

} // namespace chalkstream::models
