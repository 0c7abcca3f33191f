#include "pipelines/model_shelf.hpp"

#include "models/device.hpp"
#include "models/generation/decoder_directory.hpp"
#include "pipelines/exported_directory.hpp"
#include "pipelines/summary_head_directory.hpp"

#include <algorithm>
#include <fstream>
#include <future>
#include <malloc.h>

namespace chalkstream::pipelines {

namespace {

// Used until a search has found better: about the smallest batch that keeps a core's matrix units busy.
constexpr std::size_t default_budget = 512;

std::filesystem::path budget_file(const std::filesystem::path& state_dir, const model_identity& who,
                                  const std::string& device) {
  auto name = who.digest.substr(0, 16) + "-" + device;
  std::replace(name.begin(), name.end(), ':', '-');
  return state_dir / "token-budgets" / name;
}

std::optional<std::size_t> read_budget(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::size_t tokens = 0;
  return in >> tokens && tokens > 0 && tokens <= 1U << 20U ? std::optional{tokens} : std::nullopt;
}

void write_budget(const std::filesystem::path& file, std::size_t tokens) {
  std::error_code ignored; // a cache: the search is repeated next time
  std::filesystem::create_directories(file.parent_path(), ignored);
  const auto fresh = file.string() + ".new";
  std::ofstream{fresh} << tokens << '\n';
  std::filesystem::rename(fresh, file, ignored);
}

error named(const model_configuration& wanted, const error& why) {
  return {why.code, wanted.where + ": " + why.message};
}

result<models::loaded_model> load_weights(const model_configuration& wanted, const std::filesystem::path& state_dir,
                                          observer& watch, log& journal) {
  models::load_request request;
  request.name = wanted.name;
  request.directory = wanted.path;
  request.version = wanted.version;
  request.output = wanted.output;
  request.device = wanted.device;
  request.text_cache_bytes = wanted.text_cache_bytes;
  request.cache_directory = state_dir;
  request.allow_code = wanted.allow_code;
  auto program = read_exported_program(wanted.path);
  if (!program)
    return named(wanted, program.error());
  request.program = std::move(*program);
  if (request.output == models::head::logits && request.program == nullptr) {
    // Recognition asks for an image's class; a model that writes to images has a text instead, or one finds regions.
    const auto to_images = models::writes_to_pictures(wanted.path);
    if (!to_images)
      return named(wanted, to_images.error());
    if (*to_images)
      request.output = models::head::text;
    const auto regions = models::finds_regions(wanted.path);
    if (!regions)
      return named(wanted, regions.error());
    if (*regions)
      request.output = models::head::regions;
  }
  auto loaded = models::load(request, watch, journal);
  if (!loaded)
    return named(wanted, loaded.error());
  return loaded;
}

result<shelved_model> load_one(const model_configuration& wanted, const std::filesystem::path& state_dir,
                               observer& watch, log& journal) {
  CHALK_TRY(auto loaded, load_weights(wanted, state_dir, watch, journal));
  shelved_model made{std::move(loaded), nullptr, wanted.languages, nullptr};
  const bool needs_words = !made.sees_images() || made.loaded.writing;
  if (!needs_words && !made.loaded.texts)
    return made;
  auto tokenizer = text::tokenizer::load(wanted.path);
  if (!tokenizer && !needs_words && tokenizer.error().code == errc::not_found) // its images need none
    return made;
  if (!tokenizer)
    return named(wanted, tokenizer.error());
  auto head = read_summary_head(wanted.path);
  if (!head)
    return named(wanted, head.error());
  made.tokenizer = std::move(*tokenizer);
  made.summary_head = std::move(*head);
  return made;
}

// Weights are packed in memory that the allocator would keep for later: whoever is unloaded gives it back.
std::shared_ptr<const model> giving_memory_back(std::shared_ptr<const model> loaded) {
  const auto* plain = loaded.get();
  return {plain, [held = std::move(loaded)](const model*) mutable {
            held.reset();
#ifdef __GLIBC__
            malloc_trim(0);
#endif
          }};
}

result<std::shared_ptr<const model>> load_again(const model_configuration& wanted,
                                                const std::filesystem::path& state_dir, const std::string& digest,
                                                observer& watch, log& journal) {
  CHALK_TRY(auto loaded, load_weights(wanted, state_dir, watch, journal));
  if (loaded.compute->identity()->digest != digest)
    return {errc::invalid_configuration,
            wanted.where + ": the model is not the one it was when the engine started; restart the engine to use it"};
  return giving_memory_back(std::move(loaded.compute));
}

result<void> prepare(const model_configuration& wanted) {
  CHALK_TRY(const auto where, models::parse_device(wanted.device));
  if (const auto usable = models::prepare_device(where); !usable)
    return {usable.error().code, wanted.where + ": " + usable.error().message};
  return {};
}

} // namespace

task_model shelved_model::for_task(std::size_t index) const {
  return {index, tokenizer, loaded.compute->identity(), loaded.max_tokens, languages};
}

result<model_shelf> model_shelf::load(const configuration& wanted, observer& watch, log& journal) {
  for (const auto& each : wanted.models) // all devices before the first model: models/device.hpp
    if (const auto usable = prepare(each); !usable)
      return usable.error();
  std::vector<std::future<result<shelved_model>>> loading;
  for (std::size_t i = 0; i < wanted.models.size(); ++i)
    loading.push_back(std::async(std::launch::async, [&wanted, i, &watch, &journal] {
      return load_one(wanted.models[i], wanted.state_dir, watch, journal);
    }));
  model_shelf shelf;
  std::optional<error> first;
  for (auto& each : loading) {
    auto one = each.get();
    if (one)
      shelf.models_.push_back(std::move(*one));
    else if (!first)
      first = std::move(one).error();
  }
  if (first)
    return *first;
  return shelf;
}

std::vector<actors::scheduled_model> model_shelf::scheduled(const configuration& wanted, monitoring::registry& counts,
                                                            observer& watch, log& journal) const {
  std::vector<actors::scheduled_model> list;
  for (std::size_t i = 0; i < models_.size(); ++i) {
    const auto& asked = wanted.models[i];
    const auto who = models_[i].loaded.compute->identity();
    actors::scheduled_model m;
    m.name = asked.name;
    m.compute = giving_memory_back(models_[i].loaded.compute);
    m.max_replicas = asked.max_replicas;
    const auto device = models::to_string(*models::parse_device(asked.device)); // "cuda" is "cuda:0"
    m.probe = counts.model(who->name, who->version, device);
    m.device = counts.device(device);
    const auto file = budget_file(wanted.state_dir, *who, device);
    const auto fixed = asked.token_budget ? asked.token_budget : wanted.engine.token_budget;
    const auto known = fixed ? fixed : read_budget(file);
    m.token_budget = known.value_or(default_budget);
    m.search_budget = !known && !models_[i].loaded.writing && !models_[i].sees_images(); // it runs made-up texts
    m.found = [file, &journal, name = asked.name](std::size_t tokens) {
      write_budget(file, tokens);
      journal.info("scheduler", "model " + name + " runs best with " + std::to_string(tokens) + " tokens a batch");
    };
    m.load = [asked, state_dir = wanted.state_dir, digest = who->digest, &watch, &journal] {
      return load_again(asked, state_dir, digest, watch, journal);
    };
    list.push_back(std::move(m));
  }
  return list;
}

} // namespace chalkstream::pipelines
