// The kernels themselves, included once by each instruction set's source with CHALK_VECTOR_BYTES and CHALK_ROW_TILE
// set. Everything has internal linkage and no standard header with inline functions is included: code compiled for
// AVX-512 must never be what the linker picks for a machine without it.
#pragma once

#include "models/kernels/kernels.hpp"

namespace chalkstream::models::kernels {
namespace {

constexpr std::size_t width = CHALK_VECTOR_BYTES / sizeof(float);
constexpr std::size_t panel = 2 * width;
constexpr std::size_t row_tile = CHALK_ROW_TILE;
constexpr std::size_t few_rows = 4;
constexpr std::size_t cache_line = 64; // bytes

typedef float vec __attribute__((vector_size(CHALK_VECTOR_BYTES)));
typedef int ivec __attribute__((vector_size(CHALK_VECTOR_BYTES)));
typedef float loose_vec __attribute__((vector_size(CHALK_VECTOR_BYTES), aligned(4), may_alias));

inline vec load(const float* p) {
  return *reinterpret_cast<const loose_vec*>(p);
}

inline void store(float* p, vec v) {
  *reinterpret_cast<loose_vec*>(p) = v;
}

// x - 0 is exactly x, so this compiles to a broadcast; x + 0 would have to turn -0 into +0.
inline vec splat(float x) {
  return x - vec{};
}

// Keeps a NaN: what is wrong must reach the output, where it is noticed.
inline vec clamp(vec x, float low, float high) {
  x = x < low ? splat(low) : x;
  return x > high ? splat(high) : x;
}

template <std::size_t Distance>
constexpr ivec rotation() {
  ivec lanes{};
  for (std::size_t i = 0; i < width; ++i)
    lanes[i] = int((i + Distance) % width);
  return lanes;
}

// Lanes combined in halves, so that a reduction is a few shuffles rather than one long chain of additions.
template <std::size_t Distance = width / 2>
inline float sum(vec v) {
  v += __builtin_shuffle(v, rotation<Distance>());
  if constexpr (Distance > 1)
    return sum<Distance / 2>(v);
  else
    return v[0];
}

template <std::size_t Distance = width / 2>
inline float highest(vec v) {
  const vec other = __builtin_shuffle(v, rotation<Distance>());
  v = other > v ? other : v;
  if constexpr (Distance > 1)
    return highest<Distance / 2>(v);
  else
    return v[0];
}

// 2^x for x in [-126, 126]: x = n + f with f in [-0.5, 0.5], a minimax polynomial of degree 5 for 2^f (relative error
// 2e-7 in float32), and n added to the exponent. 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
inline vec power_of_two_in_range(vec x) {
  const vec shifted = x + 12582912.0f;
  const vec f = x - (shifted - 12582912.0f);
  vec p = splat(0x1.5c08dcp-10f);
  p = p * f + 0x1.3d0c52p-7f;
  p = p * f + 0x1.c6b6e6p-5f;
  p = p * f + 0x1.ebf918p-3f;
  p = p * f + 0x1.62e428p-1f;
  p = p * f + 0x1.000002p+0f;
  return reinterpret_cast<vec>(reinterpret_cast<ivec>(p) + (reinterpret_cast<ivec>(shifted) << 23));
}

inline vec exponential(vec x) {
  return power_of_two_in_range(clamp(x * 1.44269504f, -126.0f, 126.0f));
}

inline vec logistic(vec x) {
  return 1.0f / (1.0f + exponential(-x));
}

inline vec hyperbolic_tangent(vec x) {
  return 1.0f - 2.0f / (exponential(x + x) + 1.0f);
}

// erf(x) / x as a minimax polynomial of degree 13 in x^2, on |x| <= 3.7 beyond which erf is 1 to 2e-7. The variable
// runs over [-1, 1], which keeps the coefficients small; absolute error 3e-7.
inline vec error_function(vec x) {
  x = clamp(x, -3.7f, 3.7f);
  const vec w = x * x * float(2.0 / (3.7 * 3.7)) - 1.0f;
  vec p = splat(-0.00151207764f);
  p = p * w + 0.00393322296f;
  p = p * w + -0.00362706371f;
  p = p * w + 0.00520805456f;
  p = p * w + -0.0141726565f;
  p = p * w + 0.0251608156f;
  p = p * w + -0.0361901037f;
  p = p * w + 0.0514689162f;
  p = p * w + -0.0704389587f;
  p = p * w + 0.0906261429f;
  p = p * w + -0.112645343f;
  p = p * w + 0.140789449f;
  p = p * w + -0.190467745f;
  p = p * w + 0.382137537f;
  return p * x;
}

struct identity_function {
  static vec apply(vec x) { return x; }
};
struct gelu_function {
  static vec apply(vec x) { return 0.5f * x * (1.0f + error_function(x * 0.707106781f)); }
};
struct gelu_tanh_function {
  static vec apply(vec x) {
    return 0.5f * x * (1.0f + hyperbolic_tangent(0.797884561f * (x + 0.044715f * x * x * x)));
  }
};
struct quick_gelu_function {
  static vec apply(vec x) { return x * logistic(1.702f * x); }
};
struct relu_function {
  static vec apply(vec x) { return x < 0.0f ? vec{} : x; }
};
struct relu6_function {
  static vec apply(vec x) {
    const vec up = relu_function::apply(x);
    return up > 6.0f ? vec{} + 6.0f : up;
  }
};
struct silu_function {
  static vec apply(vec x) { return x * logistic(x); }
};
struct tanh_function {
  static vec apply(vec x) { return hyperbolic_tangent(x); }
};
struct sigmoid_function {
  static vec apply(vec x) { return logistic(x); }
};

template <class Function>
void over_tile(float* c, std::size_t stride, std::size_t rows) {
  for (std::size_t i = 0; i < rows; ++i, c += stride) {
    store(c, Function::apply(load(c)));
    store(c + width, Function::apply(load(c + width)));
  }
}

void activate(activation act, float* c, std::size_t stride, std::size_t rows) {
  switch (act) {
  case activation::identity:
    return;
  case activation::gelu:
    return over_tile<gelu_function>(c, stride, rows);
  case activation::gelu_tanh:
    return over_tile<gelu_tanh_function>(c, stride, rows);
  case activation::quick_gelu:
    return over_tile<quick_gelu_function>(c, stride, rows);
  case activation::relu:
    return over_tile<relu_function>(c, stride, rows);
  case activation::relu6:
    return over_tile<relu6_function>(c, stride, rows);
  case activation::silu:
    return over_tile<silu_function>(c, stride, rows);
  case activation::tanh:
    return over_tile<tanh_function>(c, stride, rows);
  case activation::sigmoid:
    return over_tile<sigmoid_function>(c, stride, rows);
  }
}

// Rows of `a` times one panel of `b`, plus the bias (zero if null).
struct tile_task {
  const float* a;
  std::size_t a_stride;
  const float* b;
  std::size_t depth;
  const float* bias;
  float* c;
  std::size_t c_stride;
  // What will be read next, fetched into the second-level cache while this tile computes, `step` floats an iteration:
  // weights stream from the last-level cache, and where other cores use that too, waiting for it took a third of the
  // time.
  const float* ahead;
  std::size_t step;
};

// All sums stay in registers while `depth` runs. Row pointers are kept three apart so that every address is pointer +
// {0, 1, 2} * stride and the compiler needs no spilled pointers.
template <std::size_t Rows>
void tile(const tile_task& t) {
  const std::size_t stride = t.a_stride;
  const float* b = t.b;
  const float* ahead = t.ahead;
  vec total[Rows][2];
  const vec bias0 = t.bias ? load(t.bias) : vec{};
  const vec bias1 = t.bias ? load(t.bias + width) : vec{};
#pragma GCC unroll 16
  for (std::size_t i = 0; i < Rows; ++i) {
    total[i][0] = bias0;
    total[i][1] = bias1;
  }
  const float* row[(Rows + 2) / 3];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < (Rows + 2) / 3; ++i)
    row[i] = t.a + 3 * i * stride;
#pragma GCC unroll 2
  for (std::size_t p = 0; p < t.depth; ++p, b += panel, ahead += t.step) {
    __builtin_prefetch(ahead, 0, 2);
    // A step may be two lines long; with a few rows the first is enough (bench/results.md).
    if constexpr (Rows > few_rows && panel * sizeof(float) > cache_line)
      __builtin_prefetch(ahead + t.step / 2, 0, 2);
    const vec b0 = load(b);
    const vec b1 = load(b + width);
#pragma GCC unroll 16
    for (std::size_t i = 0; i < Rows; ++i) {
      const vec x = splat(row[i / 3][(i % 3) * stride + p]);
      total[i][0] += x * b0;
      total[i][1] += x * b1;
    }
  }
  float* c = t.c;
#pragma GCC unroll 16
  for (std::size_t i = 0; i < Rows; ++i, c += t.c_stride) {
    store(c, total[i][0]);
    store(c + width, total[i][1]);
  }
}

using tile_function = void (*)(const tile_task&);

template <std::size_t Rows>
constexpr void fill_tiles(tile_function* table) {
  table[Rows] = tile<Rows>;
  if constexpr (Rows > 1)
    fill_tiles<Rows - 1>(table);
}

struct tile_table {
  tile_function of[row_tile + 1] = {};
  constexpr tile_table() { fill_tiles<row_tile>(of); }
};
constexpr tile_table tiles;

void linear(const float* a, std::size_t a_stride, std::size_t rows, const packed_linear& w, activation act,
            const float* residual, std::size_t residual_stride, float* out, std::size_t out_stride) {
  alignas(64) float edge[row_tile * panel];
  // Each tile of this column fetches its share of the next column's panel.
  const std::size_t row_tiles = (rows + row_tile - 1) / row_tile;
  const std::size_t step = panel / (row_tiles < panel ? row_tiles : panel);
  for (std::size_t column = 0; column < w.out; column += panel) {
    const float* b = w.panels + column * w.in;
    const std::size_t columns = w.out - column < panel ? w.out - column : panel;
    const float* next = column + panel < w.out ? b + w.in * panel : w.panels;
    for (std::size_t first = 0; first < rows; first += row_tile) {
      const std::size_t count = rows - first < row_tile ? rows - first : row_tile;
      // Through `edge` when the tile must not be written as it is: a partial panel, or a residual that may be `out`.
      const bool direct = columns == panel && residual == nullptr;
      float* c = direct ? out + first * out_stride + column : edge;
      const std::size_t c_stride = direct ? out_stride : panel;
      const float* ahead = next + first / row_tile * w.in * step;
      tiles.of[count]({a + first * a_stride, a_stride, b, w.in, w.bias + column, c, c_stride, ahead, step});
      activate(act, c, c_stride, count);
      if (direct)
        continue;
      for (std::size_t i = 0; i < count; ++i) {
        float* to = out + (first + i) * out_stride + column;
        const float* from = edge + i * panel;
        const float* extra = residual ? residual + (first + i) * residual_stride + column : nullptr;
        if (columns == panel) {
          store(to, load(from) + load(extra));
          store(to + width, load(from + width) + load(extra + width));
        } else {
          for (std::size_t j = 0; j < columns; ++j)
            to[j] = extra ? from[j] + extra[j] : from[j];
        }
      }
    }
  }
}

void layer_norm(float* x, std::size_t stride, std::size_t rows, std::size_t n, const float* gamma, const float* beta,
                float epsilon) {
  const std::size_t whole = n / width * width;
  for (std::size_t r = 0; r < rows; ++r, x += stride) {
    vec partial{};
    for (std::size_t j = 0; j < whole; j += width)
      partial += load(x + j);
    float total = sum(partial);
    for (std::size_t j = whole; j < n; ++j)
      total += x[j];
    const float mean = total / float(n);
    vec squares{};
    for (std::size_t j = 0; j < whole; j += width) {
      const vec d = load(x + j) - mean;
      squares += d * d;
    }
    float variance = sum(squares);
    for (std::size_t j = whole; j < n; ++j)
      variance += (x[j] - mean) * (x[j] - mean);
    const float inverse = 1.0f / __builtin_sqrtf(variance / float(n) + epsilon);
    for (std::size_t j = 0; j < whole; j += width)
      store(x + j, (load(x + j) - mean) * inverse * load(gamma + j) + load(beta + j));
    for (std::size_t j = whole; j < n; ++j)
      x[j] = (x[j] - mean) * inverse * gamma[j] + beta[j];
  }
}

void add(float* out, const float* x, std::size_t n) {
  std::size_t j = 0;
  for (; j + width <= n; j += width)
    store(out + j, load(out + j) + load(x + j));
  for (; j < n; ++j)
    out[j] += x[j];
}

void multiply(float* out, const float* x, std::size_t n) {
  std::size_t j = 0;
  for (; j + width <= n; j += width)
    store(out + j, load(out + j) * load(x + j));
  for (; j < n; ++j)
    out[j] *= x[j];
}

// One vector of an LSTM's gates to its new cell and hidden state.
inline void lstm_cell_lanes(vec in, vec forget, vec candidate, vec out, float* cell, float* hidden) {
  const vec c = logistic(forget) * load(cell) + logistic(in) * hyperbolic_tangent(candidate);
  store(cell, c);
  store(hidden, logistic(out) * hyperbolic_tangent(c));
}

void lstm_cell(const float* gates, float* cell, float* hidden, std::size_t n) {
  const std::size_t whole = n / width * width;
  for (std::size_t j = 0; j < whole; j += width)
    lstm_cell_lanes(load(gates + j), load(gates + n + j), load(gates + 2 * n + j), load(gates + 3 * n + j), cell + j,
                    hidden + j);
  if (whole == n)
    return;
  float rest[6][width] = {}; // the gates, the cell, the hidden state
  for (std::size_t j = whole; j < n; ++j) {
    for (std::size_t g = 0; g < 4; ++g)
      rest[g][j - whole] = gates[g * n + j];
    rest[4][j - whole] = cell[j];
  }
  lstm_cell_lanes(load(rest[0]), load(rest[1]), load(rest[2]), load(rest[3]), rest[4], rest[5]);
  for (std::size_t j = whole; j < n; ++j) {
    cell[j] = rest[4][j - whole];
    hidden[j] = rest[5][j - whole];
  }
}

void rms_norm(float* x, std::size_t stride, std::size_t rows, std::size_t n, const float* gamma, float epsilon) {
  const std::size_t whole = n / width * width;
  for (std::size_t r = 0; r < rows; ++r, x += stride) {
    vec squares{};
    for (std::size_t j = 0; j < whole; j += width)
      squares += load(x + j) * load(x + j);
    float total = sum(squares);
    for (std::size_t j = whole; j < n; ++j)
      total += x[j] * x[j];
    const float inverse = 1.0f / __builtin_sqrtf(total / float(n) + epsilon);
    for (std::size_t j = 0; j < whole; j += width)
      store(x + j, load(x + j) * inverse * load(gamma + j));
    for (std::size_t j = whole; j < n; ++j)
      x[j] = x[j] * inverse * gamma[j];
  }
}

constexpr std::size_t round_up(std::size_t n, std::size_t step) {
  return (n + step - 1) / step * step;
}

// Turns a row of scores into exp(scale * (score - max)) and returns 1 / sum. Rows are padded to whole panels. What is
// below 2^-80 counts as 2^-80, padding included: it changes no sum, and no product with it becomes denormal, which
// would cost a hundred times as much.
float soften(float* s, std::size_t length, std::size_t padded, float scale) {
  for (std::size_t j = length; j < padded; ++j)
    s[j] = -3e38f;
  vec top0 = load(s);
  vec top1 = load(s + width);
  for (std::size_t j = panel; j < padded; j += panel) {
    const vec next0 = load(s + j);
    const vec next1 = load(s + j + width);
    top0 = next0 > top0 ? next0 : top0;
    top1 = next1 > top1 ? next1 : top1;
  }
  const float top = highest(top1 > top0 ? top1 : top0);
  const float factor = scale * 1.44269504f;
  const float shift = top * factor;
  const auto term = [factor, shift](vec score) {
    const vec x = score * factor - shift;
    return power_of_two_in_range(x < -80.0f ? splat(-80.0f) : x);
  };
  vec total0{};
  vec total1{};
  for (std::size_t j = 0; j < padded; j += panel) {
    const vec e0 = term(load(s + j));
    const vec e1 = term(load(s + j + width));
    total0 += e0;
    total1 += e1;
    store(s + j, e0);
    store(s + j + width, e1);
  }
  return 1.0f / sum(total0 + total1);
}

// Keys become panels of a matrix with head_width rows, values panels of one with `length` rows; then scores and the
// weighted sum are the same tile kernel as any linear layer. Scores of one row tile stay in the first-level cache.
void attention(const attention_task& t) {
  const std::size_t keys = round_up(t.length, panel);
  const std::size_t values = round_up(t.head_width, panel);
  float* key_panels = t.scratch;
  float* value_panels = key_panels + keys * t.head_width;
  float* scores = value_panels + values * t.length;
  float* mixed = scores + row_tile * keys;
  for (std::size_t j = 0; j < keys; ++j) {
    float* to = key_panels + j / panel * panel * t.head_width + j % panel;
    const float* from = t.k + j * t.stride;
    for (std::size_t c = 0; c < t.head_width; ++c)
      to[c * panel] = j < t.length ? from[c] : 0.0f;
  }
  for (std::size_t c = 0; c < values; c += panel) {
    const std::size_t columns = t.head_width - c < panel ? t.head_width - c : panel;
    for (std::size_t j = 0; j < t.length; ++j) {
      float* to = value_panels + c * t.length + j * panel;
      const float* from = t.v + j * t.stride + c;
      if (columns == panel) {
        store(to, load(from));
        store(to + width, load(from + width));
      } else {
        for (std::size_t i = 0; i < panel; ++i)
          to[i] = i < columns ? from[i] : 0.0f;
      }
    }
  }
  for (std::size_t first = 0; first < t.length; first += row_tile) {
    const std::size_t count = t.length - first < row_tile ? t.length - first : row_tile;
    for (std::size_t j = 0; j < keys; j += panel)
      tiles.of[count]({t.q + first * t.stride, t.stride, key_panels + j * t.head_width, t.head_width, nullptr,
                       scores + j, keys, t.q, 0});
    for (std::size_t i = 0; i < count && t.by_distance != nullptr; ++i)
      add(scores + i * keys, t.by_distance - (first + i), t.length);
    float inverse[row_tile];
    for (std::size_t i = 0; i < count; ++i)
      inverse[i] = soften(scores + i * keys, t.length, keys, t.scale);
    for (std::size_t c = 0; c < t.head_width; c += panel) {
      tiles.of[count]({scores, keys, value_panels + c * t.length, t.length, nullptr, mixed, panel, t.q, 0});
      const std::size_t columns = t.head_width - c < panel ? t.head_width - c : panel;
      for (std::size_t i = 0; i < count; ++i) {
        float* to = t.out + (first + i) * t.out_stride + c;
        for (std::size_t j = 0; j < columns; ++j)
          to[j] = mixed[i * panel + j] * inverse[i];
      }
    }
  }
}

} // namespace
} // namespace chalkstream::models::kernels

#include "models/kernels/cached_attention.hpp"
#include "models/kernels/row_scan.hpp"

namespace chalkstream::models::kernels {
namespace {

constexpr kernel_table make_table(const char* name) {
  return {name,     panel,    row_tile,         linear,    layer_norm, attention,            add,
          multiply, rms_norm, cached_attention, lstm_cell, greatest,   sum_of_exponentials, all_finite};
}

} // namespace
} // namespace chalkstream::models::kernels
