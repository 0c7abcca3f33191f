// Tokens a second of greedy decoding, tokens in and tokens out, as one of the programs generation_rounds.py talks to:
//
//   generation_bench MODEL SOURCES.jsonl [DEVICE]
//
// Reads requests from standard input, a line each, {"batch", "threads", "count", "tokens"}, and answers each with
// {"seconds", "cpu_s", "ids"}: the time to write `tokens` tokens to each of the first `count` sources. Each thread
// writes batches of its own, as slots do.
#include "bench/written_texts.hpp"

#include <atomic>
#include <iostream>
#include <thread>

namespace {

using namespace chalkstream;
using namespace chalkstream::bench;
using id_lists = std::vector<std::vector<std::int32_t>>;

id_lists write(const model& by, std::span<const sequence> prompts, std::size_t batch, std::size_t threads) {
  id_lists written(prompts.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (auto first = next.fetch_add(batch); first < prompts.size(); first = next.fetch_add(batch)) {
      auto texts = write_all(by, prompts.subspan(first, std::min(batch, prompts.size() - first)));
      for (std::size_t i = 0; i < texts.size(); ++i)
        written[first + i] = std::move(texts[i].ids);
    }
  };
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < threads; ++i)
    others.emplace_back(work);
  work();
  others.clear();
  return written;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(stderr, "generation_bench MODEL SOURCES.jsonl [DEVICE]\n");
    return 2;
  }
  const auto loaded = load_generator(argv[1], argc > 3 ? argv[3] : "cpu");
  const auto sources = read_sources(argv[2]);
  for (std::string line; std::getline(std::cin, line);) {
    const auto request = nlohmann::json::parse(line);
    std::vector<sequence> prompts;
    for (std::size_t i = 0; i < std::min(request.at("count").get<std::size_t>(), sources.size()); ++i)
      prompts.push_back(prompt_for(sources[i], request.at("tokens")));
    const auto cpu = process_cpu();
    const auto began = wall();
    const auto ids = write(*loaded.compute, prompts, request.at("batch"), request.at("threads"));
    const nlohmann::json answer{{"seconds", wall() - began}, {"cpu_s", process_cpu() - cpu}, {"ids", ids}};
    std::cout << answer << std::endl;
  }
}
