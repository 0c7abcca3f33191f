// Texts of very different lengths, written with continuous batching and a batch at a time, by one model and with at
// most so many texts at once; rounds alternate.
//
//   batching_bench MODEL [--texts 256] [--batch 32] [--rounds 3] [--slots 1] [--seed 14]
//
// Nine texts of ten have 8 to 16 tokens, one has 128 to 256; prompts have 16 to 32, each length as likely as another.
// A batch at a time comes in two ways: `kept` computes every text until the longest of its batch has ended, as
// transformers' generate does, `dropped` computes a text no further than it goes. Only tokens that were asked for
// count. "model" calls the model's steps in a loop; "engine" sends the prompts through the actors, lines in and lines
// out, where the scheduler batches (`kept`, by far the slowest, is not run a second time there).
#include "bench/limited_room.hpp"
#include "bench/written_texts.hpp"
#include "pipelines/tools/line_engine.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <random>
#include <sstream>

namespace {

using namespace chalkstream;
using namespace chalkstream::bench;

struct wanted_text {
  std::vector<std::int32_t> prompt;
  std::size_t tokens = 0;
};

std::vector<wanted_text> skewed(std::size_t count, unsigned seed) {
  std::mt19937 engine(seed);
  const auto draw = [&engine](std::size_t least, std::size_t most) { return least + engine() % (most - least + 1); };
  std::vector<wanted_text> texts(count);
  for (auto& t : texts) {
    t.tokens = draw(0, 9) == 0 ? draw(128, 256) : draw(8, 16);
    for (auto left = draw(16, 32); left > 0; --left)
      t.prompt.push_back(static_cast<std::int32_t>(draw(10, 50000)));
  }
  return texts;
}

// Everybody in a batch as long as its longest.
std::vector<wanted_text> kept(std::vector<wanted_text> texts, std::size_t batch) {
  for (std::size_t first = 0; first < texts.size(); first += batch) {
    const std::span all(texts.data() + first, std::min(batch, texts.size() - first));
    const auto longest = std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
                           return a.tokens < b.tokens;
                         })->tokens;
    for (auto& t : all)
      t.tokens = longest;
  }
  return texts;
}

// Lines of {"prompt", "tokens"}; answers how many tokens were written.
class counting_task final : public task {
public:
  task_step prepare(const record& input) const override {
    const auto line = nlohmann::json::parse(*input.value);
    work needed;
    needed.sequences.push_back(prompt_for(line.at("prompt"), line.at("tokens")));
    return needed;
  }

  task_step complete(const record&, work, const output_rows& rows, const timing&) const override {
    reply answer;
    answer.value = std::to_string(rows.texts.at(0).ids.size());
    return answer;
  }
};

std::size_t through_model(const model& by, const std::vector<wanted_text>& texts) {
  std::vector<sequence> prompts;
  for (const auto& t : texts)
    prompts.push_back(prompt_for(t.prompt, t.tokens));
  std::size_t tokens = 0;
  for (const auto& written : write_all(by, prompts))
    tokens += written.ids.size();
  return tokens;
}

std::size_t through_engine(std::shared_ptr<const model> by, const std::vector<wanted_text>& texts,
                           std::size_t slots) {
  std::stringstream in, out;
  for (const auto& t : texts)
    in << nlohmann::json{{"prompt", t.prompt}, {"tokens", t.tokens}} << '\n';
  pipelines::tools::line_engine_settings settings;
  settings.compute = std::move(by);
  settings.steps = std::make_shared<counting_task>();
  settings.slots = slots;
  settings.token_budget = 4096; // the room is what bounds a batch
  expect(pipelines::tools::run_lines(in, out, settings, log::none()));
  std::size_t tokens = 0;
  for (std::size_t each = 0; out >> each;)
    tokens += each;
  return tokens;
}

std::size_t sum_of(const std::vector<wanted_text>& texts) {
  std::size_t tokens = 0;
  for (const auto& t : texts)
    tokens += t.tokens;
  return tokens;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App options("Continuous batching against a batch at a time.");
  std::string directory, device = "cpu";
  std::size_t count = 256, batch = 32, rounds = 3, slots = 1;
  unsigned seed = 14;
  options.add_option("model", directory, "model directory")->required();
  options.add_option("--texts", count, "texts");
  options.add_option("--batch", batch, "texts at once");
  options.add_option("--rounds", rounds, "interleaved rounds");
  options.add_option("--slots", slots, "slots of the engine, a core each");
  options.add_option("--device", device, "cpu or cuda");
  options.add_option("--seed", seed, "of lengths and prompts");
  CLI11_PARSE(options, argc, argv);

  const auto loaded = load_generator(directory, device);
  const auto texts = skewed(count, seed);
  const auto padded = kept(texts, batch);
  const auto useful = sum_of(texts);
  std::fprintf(stderr, "%zu texts, %zu tokens; %zu with the ends of batches\n", count, useful, sum_of(padded));

  struct variant {
    const char* name;
    batching policy;
    const std::vector<wanted_text>* texts;
    bool engine;
  };
  const std::vector<variant> variants{{"continuous model", batching::continuous, &texts, false},
                                      {"dropped model", batching::batch_at_a_time, &texts, false},
                                      {"kept model", batching::batch_at_a_time, &padded, false},
                                      {"continuous engine", batching::continuous, &texts, true},
                                      {"dropped engine", batching::batch_at_a_time, &texts, true}};
  for (std::size_t round = 1; round <= rounds; ++round)
    for (std::size_t i = 0; i < variants.size(); ++i) {
      const auto& v = variants[(i + round) % variants.size()];
      const auto room = std::make_shared<const limited_room>(loaded.compute, batch, v.policy);
      const auto cpu = process_cpu();
      const auto began = wall();
      const auto written = v.engine ? through_engine(room, *v.texts, slots) : through_model(*room, *v.texts);
      const auto took = wall() - began;
      const auto spent = process_cpu() - cpu;
      if (written != sum_of(*v.texts)) {
        std::fprintf(stderr, "%s: %zu tokens instead of %zu\n", v.name, written, sum_of(*v.texts));
        return 1;
      }
      const auto tokens = static_cast<double>(useful);
      std::printf("{\"bench\": \"batching\", \"round\": %zu, \"name\": \"b%zu %s\", \"tokens_per_s\": %.1f, "
                  "\"tokens_per_cpu_s\": %.1f, \"steps\": %zu, \"lines\": %zu}\n",
                  round, batch, v.name, tokens / took, tokens / spent, room->steps(), room->lines());
      std::fflush(stdout);
    }
}
