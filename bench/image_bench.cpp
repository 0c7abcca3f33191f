// CPU milliseconds to read an image and to prepare it:   image_bench MODEL_DIRECTORY FILE ROUNDS
// One JSON line: the medians over the rounds.
#include "bench/measure.hpp"
#include "models/image/decode.hpp"
#include "models/image/preprocessor.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

int main(int argc, char** argv) {
  using namespace chalkstream;
  if (argc != 4) {
    std::fprintf(stderr, "image_bench MODEL_DIRECTORY FILE ROUNDS\n");
    return 2;
  }
  const auto processor = bench::expect(image::preprocessor::read(argv[1]));
  std::ifstream in(argv[2], std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(in), {}};
  std::vector<double> reading, preparing;
  for (int round = 0; round < std::atoi(argv[3]); ++round) {
    const double start = bench::process_cpu();
    const auto pages = bench::expect(image::decode(std::as_bytes(std::span(file)), {}));
    const double read = bench::process_cpu();
    bench::expect(processor.prepare(pages.front()));
    reading.push_back(1e3 * (read - start));
    preparing.push_back(1e3 * (bench::process_cpu() - read));
  }
  if (reading.empty())
    return 2;
  std::printf("{\"read_ms\": %.3f, \"prepare_ms\": %.3f}\n", bench::median(reading), bench::median(preparing));
}
