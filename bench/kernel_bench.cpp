// The linear kernel alone, on weights that come from memory as a decoder's do, for few rows and many: GFLOP/s and the
// gigabytes of weights read a CPU-second. Rows lie as far apart as they are wide, or a row_gap further.
//
//   kernel_bench [PASSES]
#include "bench/measure.hpp"
#include "models/kernels/kernels.hpp"
#include "models/packed_weights.hpp"

#include <array>
#include <string>

using namespace chalkstream;
using namespace chalkstream::bench;
using namespace chalkstream::models;

int main(int argc, char** argv) {
  const std::size_t passes = argc > 1 ? std::stoul(argv[1]) : 3;
  const auto& table = kernels::best();
  constexpr std::size_t most_rows = 32;
  constexpr std::size_t all_floats = std::size_t{40} << 20U; // 160 MiB: no cache holds them
  float_buffer panels(all_floats);
  float_buffer bias(1U << 16U), x(most_rows * 4096), y(most_rows * (1U << 16U));
  for (std::size_t i = 0; i < all_floats; ++i)
    panels.data()[i] = static_cast<float>(i % 17) * 0.01f;
  for (std::size_t i = 0; i < x.size(); ++i)
    x.data()[i] = static_cast<float>(i % 13) * 0.1f;

  std::printf("kernels %s\n\n| in | out | rows | GB/s | GFLOP/s | with a row gap |\n|---|---|---|---|---|---|\n",
              table.name);
  constexpr std::array<std::array<std::size_t, 2>, 5> shapes{
      {{768, 50265}, {768, 3072}, {3072, 768}, {512, 2048}, {2048, 512}}};
  for (const auto [in, out] : shapes)
    for (const std::size_t rows : {1, 4, 8, 14, 32}) {
      const auto floats = kernels::panel_floats(table, in, out);
      const auto copies = all_floats / floats;
      const auto seconds = [&](std::size_t stride) {
        std::vector<double> took;
        for (std::size_t pass = 0; pass < passes; ++pass) {
          const auto began = process_cpu();
          for (std::size_t c = 0; c < copies; ++c)
            table.linear(x.data(), stride, rows, {in, out, panels.data() + c * floats, bias.data()},
                         kernels::activation::identity, nullptr, 0, y.data(), out);
          took.push_back((process_cpu() - began) / static_cast<double>(copies));
        }
        return median(took);
      };
      const auto close = seconds(in);
      const auto apart = seconds(in + kernels::row_gap);
      const auto operations = 2e-9 * static_cast<double>(rows * in * out);
      std::printf("| %zu | %zu | %zu | %.1f | %.1f | %.1f |\n", in, out, rows,
                  4e-9 * static_cast<double>(floats) / close, operations / close, operations / apart);
    }
}
