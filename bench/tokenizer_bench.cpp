// Documents a second of processor time that one thread tokenizes:
//   tokenizer_bench MODEL_DIRECTORY DOCUMENTS.jsonl [SECONDS]     (lines {"text": …})
// Prints one line of JSON; the best of several rounds of about SECONDS (default 1) for each way of encoding.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/text/tokenizer.hpp"

namespace {

using namespace chalkstream;

/// Processor time, so that what else the machine does counts little.
double seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct rate {
  double documents_per_second = 0;
  std::size_t tokens = 0;
};

rate measure(const text::tokenizer& tokenizer, const std::vector<std::string>& documents, double budget,
             bool offsets) {
  text::encode_options options;
  options.cut = text::truncation::longest_first;
  options.max_tokens = 512;
  options.offsets = offsets;
  rate best;
  for (int round = 0; round < 5; ++round) {
    std::size_t done = 0, tokens = 0;
    const double start = seconds();
    do {
      for (const std::string& document : documents) {
        const auto encoded = tokenizer.encode(document, options);
        tokens += encoded ? encoded->ids.size() : 0;
      }
      done += documents.size();
    } while ((seconds() - start) < budget);
    best.documents_per_second = std::max(best.documents_per_second, static_cast<double>(done) / (seconds() - start));
    best.tokens = tokens / (done / documents.size());
  }
  return best;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s MODEL_DIRECTORY DOCUMENTS.jsonl [SECONDS]\n", argv[0]);
    return 2;
  }
  const double budget = argc > 3 ? std::atof(argv[3]) : 1.0;
  const double start = seconds();
  const auto tokenizer = text::tokenizer::load(argv[1]);
  if (!tokenizer) {
    std::fprintf(stderr, "%s\n", to_string(tokenizer.error()).c_str());
    return 2;
  }
  const double loaded = (seconds() - start);
  std::vector<std::string> documents;
  std::size_t bytes = 0;
  std::ifstream in(argv[2]);
  for (std::string line; std::getline(in, line);) {
    documents.push_back(nlohmann::json::parse(line).at("text").get<std::string>());
    bytes += documents.back().size();
  }
  if (documents.empty()) {
    std::fprintf(stderr, "%s has no documents\n", argv[2]);
    return 2;
  }
  const rate ids = measure(**tokenizer, documents, budget, false);
  const rate offsets = measure(**tokenizer, documents, budget, true);
  std::printf("{\"documents\": %zu, \"bytes\": %zu, \"tokens\": %zu, \"load_ms\": %.1f, \"ids_docs_s\": %.0f, "
              "\"ids_mb_s\": %.1f, \"offsets_docs_s\": %.0f}\n",
              documents.size(), bytes, ids.tokens, loaded * 1e3, ids.documents_per_second,
              ids.documents_per_second * static_cast<double>(bytes) / static_cast<double>(documents.size()) / 1e6,
              offsets.documents_per_second);
}
