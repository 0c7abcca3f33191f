// Documents per CPU-second of the bare forward pass: tokens in, vectors out, no Kafka, no JSON. Variants run in
// interleaved rounds, as forward.py's do, so that a ratio inside one run can be trusted on a busy machine.
//
//   model_bench --model DIR --docs docs.jsonl [--count 640] [--rounds 3] [--budgets 256,1024,4096] [--threads 1]
//   [--torch]
//
// docs.jsonl has {"text": …} lines, or {"ids": […]} to skip the tokenizer.
#include "bench/measure.hpp"
#include "models/document.hpp"
#include "models/encoders/encoder.hpp"
#include "models/families/family.hpp"
#include "models/repository.hpp"
#include "models/text/tokenizer.hpp"
#include "tests/support/lent_threads.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace chalkstream;
using namespace chalkstream::bench;

std::string memory() {
  std::ifstream in("/proc/self/status");
  std::string line, found;
  while (std::getline(in, line))
    if (line.starts_with("VmHWM") || line.starts_with("VmRSS") || line.starts_with("RssAnon")
        || line.starts_with("RssFile"))
      found += line.substr(0, line.find(':')) + " "
               + std::to_string(std::stol(line.substr(line.find(':') + 1)) / 1024) + " MiB  ";
  return found;
}

std::vector<sequence> read_documents(const std::string& file, const std::string& model, std::size_t count,
                                     std::size_t most) {
  std::shared_ptr<const text::tokenizer> tokenizer;
  std::vector<sequence> documents;
  std::ifstream in(file);
  std::string line;
  while (documents.size() < count && std::getline(in, line)) {
    const auto document = nlohmann::json::parse(line);
    if (document.contains("ids")) {
      documents.push_back({document["ids"].get<std::vector<std::int32_t>>(), {}});
      continue;
    }
    if (!tokenizer)
      tokenizer = expect(text::tokenizer::load(model));
    text::encode_options options;
    options.cut = text::truncation::longest_first;
    options.max_tokens = most;
    options.offsets = false;
    documents.push_back({expect(tokenizer->encode(document["text"].get<std::string>(), options)).ids, {}});
  }
  return documents;
}

using batches = std::vector<std::vector<const sequence*>>;

batches in_arrival_order(const std::vector<sequence>& documents, std::size_t budget) {
  batches all(1);
  std::size_t tokens = 0;
  for (const auto& d : documents) {
    tokens += d.ids.size();
    if (tokens > budget && !all.back().empty()) {
      all.emplace_back();
      tokens = d.ids.size();
    }
    all.back().push_back(&d);
  }
  return all;
}

struct variant {
  std::string name;
  std::function<void()> work;
  std::vector<double> cpu;
  std::vector<double> wall;
};

void lone_document(const model& m, const std::vector<sequence>& documents) {
  const auto longest = std::max_element(documents.begin(), documents.end(),
                                        [](const auto& a, const auto& b) { return a.ids.size() < b.ids.size(); });
  const std::vector<const sequence*> batch{&*longest};
  std::map<std::size_t, std::vector<double>> took, spent;
  for (int round = 0; round < 15; ++round)
    for (const std::size_t threads : {1, 2}) {
      test::lent_threads lent(threads);
      const auto began = wall();
      const auto cpu = process_cpu();
      expect(m.run(batch, threads > 1 ? &lent.together() : nullptr));
      spent[threads].push_back(process_cpu() - cpu);
      took[threads].push_back(wall() - began);
    }
  const auto best = [&](std::size_t threads) {
    return *std::min_element(took[threads].begin(), took[threads].end());
  };
  std::printf("\nlongest document alone (%zu tokens): 1 core %.1f ms (median %.1f), 2 cores %.1f ms (median %.1f), "
              "ratio %.2f\n",
              longest->ids.size(), 1e3 * best(1), 1e3 * median(took[1]), 1e3 * best(2), 1e3 * median(took[2]),
              best(2) / best(1));
  std::printf("its CPU time: 1 core %.1f ms, 2 cores %.1f ms (medians)\n", 1e3 * median(spent[1]),
              1e3 * median(spent[2]));
}

} // namespace

int main(int argc, char** argv) {
  CLI::App options("Bare forward pass: documents per CPU-second for several token budgets.");
  std::string model_folder, docs, device = "cpu";
  std::size_t count = 640, rounds = 3, threads = 1;
  std::vector<std::size_t> budgets{1, 256, 512, 1024, 4096};
  bool torch = false;
  options.add_option("--model", model_folder, "model directory")->required();
  options.add_option("--device", device, "cpu or cuda");
  options.add_option("--docs", docs, "JSON lines")->required();
  options.add_option("--count", count, "documents");
  options.add_option("--rounds", rounds, "interleaved rounds");
  options.add_option("--threads", threads, "cores one call may use");
  options.add_option("--budgets", budgets, "token budgets of a batch")->delimiter(',');
  options.add_flag("--torch", torch, "LibTorch's own operations, packed, as another variant");
  CLI11_PARSE(options, argc, argv);

  models::load_request request;
  request.name = "bench";
  request.directory = model_folder;
  request.device = device;
  auto began = wall();
  const auto loaded = expect(models::load(request, observer::none(), log::none()));
  std::printf("loaded in %.0f ms, weights %zu MiB, %s\n", 1e3 * (wall() - began), loaded.weight_bytes >> 20,
              memory().c_str());
  const auto documents = read_documents(docs, model_folder, count, loaded.max_tokens);
  std::size_t tokens = 0;
  for (const auto& d : documents)
    tokens += d.ids.size();
  std::printf("%zu documents, %zu tokens, kernels %s\n", documents.size(), tokens, models::kernels::best().name);

  test::lent_threads lent(threads);
  std::vector<variant> variants;
  for (const auto budget : budgets)
    variants.push_back({"packed " + std::to_string(budget),
                        [&, all = in_arrival_order(documents, budget)] {
                          for (const auto& batch : all)
                            expect(loaded.compute->run(batch, threads > 1 ? &lent.together() : nullptr));
                        },
                        {},
                        {}});
  std::unique_ptr<models::encoder> oracle;
  if (torch) {
    auto archive = std::make_shared<const models::tensor_archive>(expect(models::tensor_archive::open(model_folder)));
    const auto root = expect(models::read_json(std::filesystem::path(model_folder) / "config.json"));
    const models::settings configuration("config.json", root);
    const auto* family = expect(models::families::family_of(configuration));
    const auto described = expect(family->describe(configuration, *archive));
    oracle = expect(models::make_torch_encoder(described.encoder, *archive, {}, {}));
    variants.push_back({"LibTorch packed 4096",
                        [&, all = in_arrival_order(documents, 4096)] {
                          for (const auto& batch : all)
                            oracle->encode(batch, nullptr, [](std::size_t, std::span<const float>) {});
                        },
                        {},
                        {}});
  }
  for (std::size_t round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < variants.size(); ++i) {
      auto& v = variants[(i + round) % variants.size()];
      const auto cpu = process_cpu();
      const auto start = wall();
      v.work();
      v.cpu.push_back(process_cpu() - cpu);
      v.wall.push_back(wall() - start);
    }
  std::printf("\n| variant | docs per CPU-s, median | best | tokens per CPU-s | docs/s wall, best "
              "|\n|---|---|---|---|---|\n");
  for (const auto& v : variants) {
    const auto n = static_cast<double>(documents.size());
    std::printf("| %s | %.1f | %.1f | %.0f | %.1f |\n", v.name.c_str(), n / median(v.cpu),
                n / *std::min_element(v.cpu.begin(), v.cpu.end()), static_cast<double>(tokens) / median(v.cpu),
                n / *std::min_element(v.wall.begin(), v.wall.end()));
  }
  lone_document(*loaded.compute, documents);
  std::printf("%s\n", memory().c_str());
}
