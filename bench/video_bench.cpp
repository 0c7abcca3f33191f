// CPU seconds to read clips and find their segments:   video_bench FILE ROUNDS
// One JSON line: frames, where segments start, and the median over the rounds.
#include "bench/measure.hpp"
#include "models/video/clip.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

int main(int argc, char** argv) {
  using namespace chalkstream;
  if (argc != 3) {
    std::fprintf(stderr, "video_bench FILE ROUNDS\n");
    return 2;
  }
  std::ifstream in(argv[1], std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(in), {}};
  std::vector<double> seconds;
  video::clip seen;
  for (int round = 0; round < std::atoi(argv[2]); ++round) {
    const double start = bench::process_cpu();
    seen = bench::expect(
        video::read_clip(std::as_bytes(std::span(file)), {}, {}, [](picture) { return result<void>(); }));
    seconds.push_back(bench::process_cpu() - start);
  }
  if (seconds.empty())
    return 2;
  std::printf("{\"frames\": %zu, \"cpu_s\": %.4f, \"starts\": [", seen.frames, bench::median(seconds));
  for (std::size_t i = 0; i < seen.segments.size(); ++i)
    std::printf("%s%.4f", i == 0 ? "" : ", ", seen.segments[i].start);
  std::printf("]}\n");
}
