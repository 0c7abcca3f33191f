#include "pipelines/model_places.hpp"

#include "models/device.hpp"
#include "models/generation/decoder_directory.hpp"
#include "pipelines/configuration/units.hpp"
#include "pipelines/exported_directory.hpp"

#include <algorithm>
#include <numeric>

namespace chalkstream::pipelines {

namespace {

error named(const model_configuration& wanted, const error& why) {
  return {why.code, wanted.where + ": " + why.message};
}

const device_configuration& device_named(const configuration& all, const std::string& name) {
  return *std::ranges::find(all.devices, name, &device_configuration::name);
}

/// What is left of the devices' memory.
class room_left {
public:
  explicit room_left(const configuration& all) : all_(all), used_(all.devices.size()) {}

  /// Nothing: as much as anybody needs.
  std::optional<std::size_t> on(const std::string& device) const {
    const auto& is = device_named(all_, device);
    const auto used = used_[number(is)];
    return is.memory ? std::optional(*is.memory > used ? *is.memory - used : 0) : std::nullopt;
  }
  void take(const std::string& device, std::size_t bytes) { used_[number(device_named(all_, device))] += bytes; }

private:
  std::size_t number(const device_configuration& is) const {
    return static_cast<std::size_t>(&is - all_.devices.data());
  }

  const configuration& all_;
  std::vector<std::size_t> used_;
};

} // namespace

result<models::loaded_model> load_weights(const model_configuration& wanted, const std::string& device,
                                          const std::filesystem::path& state_dir, observer& watch, log& journal) {
  models::load_request request;
  request.name = wanted.name;
  request.directory = wanted.path;
  request.version = wanted.version;
  request.output = wanted.output;
  request.device = device;
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

std::size_t bytes_of(const model_configuration& wanted, const models::loaded_model& loaded) {
  return loaded.weight_bytes + (loaded.writing ? wanted.text_cache_bytes : 0);
}

priority urgency_of(const configuration& all, std::size_t model) {
  auto most = priority::bulk;
  for (const auto& p : all.pipelines)
    for (const auto& used : {p.model, p.answer_model, p.essay_model, p.reader, p.writer})
      if (used == model)
        most = std::min(most, p.urgency);
  return most;
}

std::vector<std::size_t> first_devices(const configuration& all) {
  std::vector<std::size_t> firsts;
  for (const auto& m : all.models) {
    const auto free =
        std::ranges::find_if(m.devices, [&all](const std::string& name) { return !device_named(all, name).memory; });
    firsts.push_back(free == m.devices.end() ? 0 : static_cast<std::size_t>(free - m.devices.begin()));
  }
  return firsts;
}

result<std::vector<std::vector<held_model>>> load_elsewhere(const configuration& all,
                                                            const std::vector<const models::loaded_model*>& loaded,
                                                            observer& watch, log& journal) {
  const auto firsts = first_devices(all);
  room_left room(all);
  std::vector<std::vector<held_model>> held(all.models.size());
  std::vector<std::size_t> ranked(all.models.size());
  std::iota(ranked.begin(), ranked.end(), std::size_t{0});
  std::ranges::stable_sort(ranked, {}, [&all](std::size_t m) { return urgency_of(all, m); });
  const auto has_room = [&](std::size_t m, held_model& place) {
    const auto bytes = bytes_of(all.models[m], *loaded[m]);
    const auto left = room.on(place.device);
    place.wanted = !left || bytes <= *left;
    if (place.wanted)
      room.take(place.device, bytes);
    else
      journal.warning("models", "model " + all.models[m].name + " is not on " + place.device + ": it takes "
                                    + format_bytes(bytes) + ", and " + format_bytes(*left) + " are left there");
    return place.wanted;
  };
  for (const auto m : ranked) { // before anybody is anywhere a second time
    for (const auto& name : all.models[m].devices)
      held[m].push_back({name});
    auto& first = held[m][firsts[m]];
    if (has_room(m, first))
      first.compute = giving_memory_back(loaded[m]->compute, first.device);
  }
  for (const auto m : ranked) {
    for (std::size_t p = 0; p < held[m].size(); ++p) {
      auto& place = held[m][p];
      if (p == firsts[m] || !has_room(m, place))
        continue;
      auto more = load_weights(all.models[m], place.device, all.state_dir, watch, journal);
      if (!more && more.error().code != errc::out_of_memory)
        return more.error();
      if (more) // else it is tried again while the engine runs
        place.compute = giving_memory_back(std::move(more->compute), place.device);
    }
    if (std::ranges::none_of(held[m], [](const held_model& place) { return place.compute != nullptr; }))
      return error{errc::invalid_configuration, all.models[m].where + ": there is no room for the model, which takes "
                                                    + format_bytes(bytes_of(all.models[m], *loaded[m]))
                                                    + ", on any of its devices"};
  }
  return held;
}

std::shared_ptr<const model> giving_memory_back(std::shared_ptr<const model> loaded, const std::string& device) {
  const auto* plain = loaded.get();
  return {plain, [held = std::move(loaded), where = models::parse_device(device)](const model*) mutable {
            held.reset();
            if (where)
              models::release_unused_memory(*where);
          }};
}

} // namespace chalkstream::pipelines
