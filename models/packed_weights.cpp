#include "models/packed_weights.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#include <sys/mman.h>

namespace chalkstream::models {
namespace {

// A step of a decoder reads all its weights once: from small pages, looking up where they lie takes its time.
constexpr std::size_t huge_page = std::size_t{2} << 20U;
constexpr std::size_t line = 64;

constexpr std::size_t round_up(std::size_t n, std::size_t step) {
  return (n + step - 1) / step * step;
}

} // namespace

float_buffer::float_buffer(std::size_t floats) : size_(floats) {
  if (floats > std::numeric_limits<std::size_t>::max() / sizeof(float) - huge_page)
    throw std::bad_alloc();
  const auto bytes = round_up(std::max<std::size_t>(floats, 1) * sizeof(float), line);
  const auto step = bytes < huge_page ? line : huge_page;
  floats_.reset(static_cast<float*>(std::aligned_alloc(step, round_up(bytes, step))));
  if (!floats_)
    throw std::bad_alloc();
#if defined(MADV_HUGEPAGE)
  // Whole ones alone: the rest of the last is never touched, so memory is what it was. Refused, it changes nothing
  // but the speed.
  if (bytes >= huge_page)
    ::madvise(floats_.get(), bytes / huge_page * huge_page, MADV_HUGEPAGE);
#endif
  std::memset(floats_.get(), 0, bytes);
}

void float_buffer::release::operator()(float* p) const noexcept {
  std::free(p);
}

void float_buffer::grow_to(std::size_t floats) {
  if (size_ < floats)
    *this = float_buffer(floats);
}

packed_weights::packed_weights(const kernels::kernel_table& table, std::size_t in, std::size_t out)
    : in_(in), out_(out), panels_(kernels::panel_floats(table, in, out)),
      bias_(kernels::panel_floats(table, 1, out)) {}

void packed_weights::fill(const kernels::kernel_table& table, std::size_t first, std::span<const float> weight,
                          std::span<const float> bias) {
  kernels::pack(table, weight.data(), in_, first, bias.size(), panels_.data());
  std::copy(bias.begin(), bias.end(), bias_.data() + first);
}

} // namespace chalkstream::models
