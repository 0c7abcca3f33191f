#include "pipelines/model_shelf.hpp"

#include "models/device.hpp"
#include "pipelines/summary_head_directory.hpp"

#include <algorithm>
#include <fstream>
#include <future>

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

result<shelved_model> load_one(const model_configuration& wanted, const std::string& device,
                               const std::filesystem::path& state_dir, observer& watch, log& journal) {
  CHALK_TRY(auto loaded, load_weights(wanted, device, state_dir, watch, journal));
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

result<std::shared_ptr<const model>> load_again(const model_configuration& wanted, const std::string& device,
                                                const std::filesystem::path& state_dir, const std::string& digest,
                                                observer& watch, log& journal) {
  CHALK_TRY(auto loaded, load_weights(wanted, device, state_dir, watch, journal));
  if (loaded.compute->identity()->digest != digest)
    return {errc::invalid_configuration,
            wanted.where + ": the model is not the one it was when the engine started; restart the engine to use it"};
  return giving_memory_back(std::move(loaded.compute), device);
}

result<void> prepare(const model_configuration& wanted) {
  for (const auto& device : wanted.devices) {
    CHALK_TRY(const auto where, models::parse_device(device));
    if (const auto usable = models::prepare_device(where); !usable)
      return {usable.error().code, wanted.where + ": " + usable.error().message};
  }
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
  const auto firsts = first_devices(wanted);
  std::vector<std::future<result<shelved_model>>> loading;
  for (std::size_t i = 0; i < wanted.models.size(); ++i)
    loading.push_back(std::async(std::launch::async, [&wanted, i, &watch, &journal, device = firsts[i]] {
      const auto& model = wanted.models[i];
      return load_one(model, model.devices[device], wanted.state_dir, watch, journal);
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
  std::vector<const models::loaded_model*> loaded;
  for (const auto& each : shelf.models_)
    loaded.push_back(&each.loaded);
  CHALK_TRY(shelf.places_, load_elsewhere(wanted, loaded, watch, journal));
  return shelf;
}

std::vector<actors::scheduled_device> model_shelf::devices(const configuration& wanted,
                                                           monitoring::registry& counts) {
  std::vector<actors::scheduled_device> list;
  for (const auto& d : wanted.devices)
    list.push_back({d.name, d.slots, counts.device(d.name)});
  return list;
}

std::vector<actors::scheduled_model> model_shelf::scheduled(const configuration& wanted, monitoring::registry& counts,
                                                            observer& watch, log& journal) const {
  std::vector<actors::scheduled_model> list;
  for (std::size_t i = 0; i < models_.size(); ++i) {
    const auto& asked = wanted.models[i];
    const auto who = models_[i].loaded.compute->identity();
    actors::scheduled_model m;
    m.name = asked.name;
    m.max_replicas = asked.max_replicas;
    for (const auto& held : places_[i]) {
      actors::model_place place;
      const auto& device = held.device;
      const auto at = std::ranges::find(wanted.devices, device, &device_configuration::name);
      place.device = static_cast<std::size_t>(at - wanted.devices.begin());
      place.compute = held.compute;
      place.status->wanted = held.wanted;
      place.probe = counts.model(who->name, who->version, device);
      const auto file = budget_file(wanted.state_dir, *who, device);
      const auto fixed = asked.token_budget ? asked.token_budget : wanted.engine.token_budget;
      const auto known = fixed ? fixed : read_budget(file);
      place.token_budget = known.value_or(default_budget);
      place.search_budget =
          !known && !models_[i].loaded.writing && !models_[i].sees_images(); // it runs made-up texts
      place.found = [file, device, &journal, name = asked.name](std::size_t tokens) {
        write_budget(file, tokens);
        auto said = "model " + name + " runs best with " + std::to_string(tokens);
        said.append(" tokens a batch on ").append(device);
        journal.info("scheduler", said);
      };
      place.load = [asked, device, state_dir = wanted.state_dir, digest = who->digest, &watch, &journal] {
        return load_again(asked, device, state_dir, digest, watch, journal);
      };
      m.places.push_back(std::move(place));
    }
    list.push_back(std::move(m));
  }
  return list;
}

} // namespace chalkstream::pipelines
