// Pictures a model of images sees per CPU-second, by itself:   seeing_bench MODEL_DIRECTORY FILE BATCH ROUNDS
// The file is decoded and prepared once; one JSON line with the median of the rounds.
#include "bench/measure.hpp"
#include "models/image/decode.hpp"
#include "models/image/preprocessor.hpp"
#include "models/repository.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

int main(int argc, char** argv) {
  using namespace chalkstream;
  if (argc != 5) {
    std::fprintf(stderr, "seeing_bench MODEL_DIRECTORY FILE BATCH ROUNDS\n");
    return 2;
  }
  models::load_request request;
  request.name = "seen";
  request.directory = argv[1];
  request.output = models::head::logits;
  const auto model = bench::expect(models::load(request, observer::none(), log::none()));
  std::ifstream in(argv[2], std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(in), {}};
  const auto pages = bench::expect(image::decode(std::as_bytes(std::span(file)), {}));
  sequence one;
  one.image = std::make_shared<const picture>(bench::expect(model.pictures->prepare(pages.front())));
  one.image_tokens = model.image_tokens;
  const std::vector<const sequence*> batch(static_cast<std::size_t>(std::atoi(argv[3])), &one);
  std::vector<double> rates;
  bench::expect(model.compute->run(batch, nullptr));
  for (int round = 0; round < std::atoi(argv[4]); ++round) {
    const double start = bench::process_cpu();
    bench::expect(model.compute->run(batch, nullptr));
    rates.push_back(static_cast<double>(batch.size()) / (bench::process_cpu() - start));
  }
  if (rates.empty())
    return 2;
  std::printf("{\"images_per_cpu_s\": %.3f}\n", bench::median(rates));
}
