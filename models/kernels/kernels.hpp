// The arithmetic of a transformer layer on a CPU, float32, written once over the compiler's vector types and compiled
// for AVX-512, AVX2+FMA and the baseline of the target (SSE2 or NEON). On this project's benchmark machine the linear
// kernel reaches 160-170 GFLOP/s a core where the wheel's sgemm reaches 145-155, it fuses bias, activation and
// residual, and it needs no thread pool: nothing here spins, locks or allocates.
//
// Every output element is one sum in one fixed order, whatever rows are computed beside it: results are the same to
// the last bit for any batch and any number of threads on one instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace chalkstream::models::kernels {

enum class activation : std::uint8_t { identity, gelu, gelu_tanh, quick_gelu, relu, relu6, silu, tanh, sigmoid };

/// Floats to leave between the rows of a buffer that may be a large power of two wide, or a multiple of one: rows
/// such a distance apart share few sets of the first-level cache, and a tile's rows drive each other out.
inline constexpr std::size_t row_gap = 16;

/// y = x W^T + b with W [out, in] stored as panels: panel p holds columns p*width ... of W^T, `in` rows of `width`
/// floats, zero-padded. `bias` is padded likewise. Borrowed; alignment of 64 bytes is faster, not required.
struct packed_linear {
  std::size_t in = 0;
  std::size_t out = 0;
  const float* panels = nullptr;
  const float* bias = nullptr;
};

/// One head of one sequence. Rows of q, k and v are `stride` floats apart; rows of `out` are `out_stride` apart.
struct attention_task {
  const float* q = nullptr;
  const float* k = nullptr;
  const float* v = nullptr;
  float* out = nullptr;
  std::size_t stride = 0;
  std::size_t out_stride = 0;
  std::size_t length = 0;
  std::size_t head_width = 0;
  float scale = 1;
  /// attention_scratch() floats.
  float* scratch = nullptr;
  /// Null, or what distances add to the scores before they are scaled: by_distance[key - query] for every pair.
  const float* by_distance = nullptr;
};

/// Tokens in a block of cached keys and values.
inline constexpr std::size_t cache_block = 16;

/// Attention of a few new tokens to cached keys and values, for the query heads that share one head of those. A block
/// holds keys [head_width][cache_block] (so that scores of a block are one vector), then values [cache_block]
/// [head_width]. Heads of q and out follow each other, head_width floats each; their rows are a stride apart.
struct cached_attention_task {
  const float* q = nullptr;
  float* out = nullptr;
  std::size_t stride = 0;
  std::size_t out_stride = 0;
  std::size_t rows = 0;
  std::size_t heads = 1;
  const float* const* blocks = nullptr;
  /// Keys the first row sees; every further row sees `step` (0 or 1) more.
  std::size_t length = 0;
  std::size_t step = 0;
  std::size_t head_width = 0;
  float scale = 1;
  /// cached_attention_scratch() floats.
  float* scratch = nullptr;
  /// Null, or for each head what distances add to the scores before they are scaled: the last key a row sees takes
  /// by_distance[head * distances], the one before it the number before that, and so on.
  const float* by_distance = nullptr;
  std::size_t distances = 0;
};

struct kernel_table {
  const char* name;
  /// Columns in a panel of packed_linear.
  std::size_t panel_width;
  /// Rows computed together; a multiple of it is the best size of a row block.
  std::size_t row_tile;

  /// out[r] = act(a[r] W^T + b), plus `residual[r]` if that is given (it may be `out` itself). Strides in floats.
  void (*linear)(const float* a, std::size_t a_stride, std::size_t rows, const packed_linear& weights, activation act,
                 const float* residual, std::size_t residual_stride, float* out, std::size_t out_stride);

  /// In place: (x - mean) / sqrt(variance + epsilon) * gamma + beta, per row.
  void (*layer_norm)(float* x, std::size_t stride, std::size_t rows, std::size_t width, const float* gamma,
                     const float* beta, float epsilon);

  /// softmax((q k^T + by_distance) * scale) v.
  void (*attention)(const attention_task& task);

  /// out += x
  void (*add)(float* out, const float* x, std::size_t width);

  /// out *= x
  void (*multiply)(float* out, const float* x, std::size_t width);

  /// In place: x / sqrt(mean of squares + epsilon) * gamma, per row.
  void (*rms_norm)(float* x, std::size_t stride, std::size_t rows, std::size_t width, const float* gamma,
                   float epsilon);

  /// softmax((q k^T + by_distance) * scale) v over blocks; a row gives the same bits whatever rows are beside it.
  void (*cached_attention)(const cached_attention_task& task);

  /// One step of one row of an LSTM, as PyTorch orders it: `gates` are those of input, forget, candidate and output,
  /// `width` each and not yet squashed. cell = s(forget) * cell + s(input) * tanh(candidate), in place, and
  /// hidden = s(output) * tanh(cell), with s the logistic function.
  void (*lstm_cell)(const float* gates, float* cell, float* hidden, std::size_t width);

  /// Of a row without NaN; -infinity if it is empty.
  float (*greatest)(const float* x, std::size_t n);

  /// Of exp(x - top), where no x is greater than `top` and `top` is finite. An x of -infinity counts as nothing.
  double (*sum_of_exponentials)(const float* x, std::size_t n, float top);

  bool (*all_finite)(const float* x, std::size_t n);
};

/// Floats of scratch an attention_task of this size needs.
std::size_t attention_scratch(const kernel_table& table, std::size_t length, std::size_t head_width);

/// Floats of scratch a cached_attention_task needs whose last row sees `length` keys.
std::size_t cached_attention_scratch(std::size_t length);

/// The best table this processor runs. Chosen once.
const kernel_table& best();

/// Every table this processor runs, best first and null-terminated; for tests.
const kernel_table* const* available();

/// Floats of the panels of a packed_linear.
std::size_t panel_floats(const kernel_table& table, std::size_t in, std::size_t out);

/// Packs rows [first, first + rows) of W ([rows, in], contiguous): several matrices may share one set of panels
/// (query, key and value). `panels` was zeroed before the first call.
void pack(const kernel_table& table, const float* weight, std::size_t in, std::size_t first, std::size_t rows,
          float* panels);

} // namespace chalkstream::models::kernels
