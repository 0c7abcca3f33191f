#include "pipelines/configuration/devices.hpp"

#include "pipelines/configuration/rules.hpp"
#include "pipelines/configuration/units.hpp"

#include <algorithm>

namespace chalkstream::pipelines {

namespace {

constexpr std::string_view cpu = "cpu";
// One has its batch made ready while another's is computed.
constexpr std::size_t usual_gpu_slots = 2;

std::string full_name(const std::string& device) {
  if (device == cpu || !is_device(device))
    return device;
  const auto colon = device.find(':');
  return "cuda:" + (colon == std::string::npos ? "0" : std::to_string(*parse_count(device.substr(colon + 1))));
}

} // namespace

std::vector<std::string> read_device(config_section& model) {
  const auto listed = model.text_list("device");
  if (!listed)
    return {std::string{cpu}};
  std::vector<std::string> devices;
  for (const auto& each : *listed) {
    if (!is_device(each))
      model.complain("device", "expected cpu, cuda or cuda:N, found '" + each + "'");
    else if (std::ranges::find(devices, full_name(each)) != devices.end())
      model.complain("device", full_name(each) + " is there twice");
    else
      devices.push_back(full_name(each));
  }
  if (listed->empty())
    model.complain("device", "expected at least one of cpu, cuda and cuda:N");
  return devices.empty() ? std::vector{std::string{cpu}} : devices;
}

device_sections::device_sections(config_section& top, const engine_configuration& engine, findings& wrong)
    : cores_(engine.slots) {
  for (const auto* entry : top.entries("devices")) {
    config_section s(&entry->value, "devices." + entry->key, wrong);
    said each{{.name = full_name(entry->key), .slots = usual_gpu_slots}, entry->at};
    const bool is_cpu = each.is.name == cpu;
    if (!is_device(entry->key))
      wrong.push_back({entry->at, s.name() + ": expected cpu, cuda or cuda:N"});
    else if (find(each.is.name) != nullptr)
      wrong.push_back({entry->at, s.name() + ": " + each.is.name + " is there already"});
    if (is_cpu && s.has("slots"))
      s.foreign("slots", "the CPU has engine.slots");
    else if (!is_cpu)
      each.is.slots = s.count("slots", 1, 64).value_or(each.is.slots);
    else
      each.is.slots = cores_;
    if (const auto memory = s.bytes("memory", 1U << 20U, std::uint64_t{1} << 44U))
      each.is.memory = *memory;
    s.close();
    said_.push_back(std::move(each));
  }
}

const device_sections::said* device_sections::find(const std::string& name) const {
  const auto at = std::ranges::find_if(said_, [&name](const said& s) { return s.is.name == name; });
  return at == said_.end() ? nullptr : &*at;
}

std::size_t device_sections::slots(const std::vector<std::string>& names) const {
  std::size_t sum = 0;
  for (const auto& name : names)
    sum += name == cpu ? cores_ : find(name) != nullptr ? find(name)->is.slots : usual_gpu_slots;
  return sum;
}

std::vector<device_configuration> device_sections::used_by(const std::vector<model_configuration>& models,
                                                           findings& wrong) const {
  const auto names = [&models](const std::string& device) {
    return std::ranges::any_of(models, [&device](const model_configuration& m) {
      return std::ranges::find(m.devices, device) != m.devices.end();
    });
  };
  const std::string first{cpu};
  std::vector<device_configuration> all{
      find(first) != nullptr ? find(first)->is : device_configuration{.name = first, .slots = cores_}};
  if (!models.empty() && !names(first))
    all.front().slots = 0; // nothing could run there
  for (const auto& s : said_) {
    if (is_device(s.is.name) && !names(s.is.name))
      wrong.push_back({s.at, "devices." + s.is.name + ": no model has it as its device"});
    if (s.is.name != cpu)
      all.push_back(s.is);
  }
  for (const auto& m : models)
    for (const auto& name : m.devices)
      if (std::ranges::find(all, name, &device_configuration::name) == all.end())
        all.push_back({.name = name, .slots = usual_gpu_slots});
  return all;
}

std::string describe_devices(const std::vector<device_configuration>& devices) {
  std::string text;
  for (const auto& d : devices) {
    const bool is_cpu = d.name == cpu;
    if (is_cpu && !d.memory)
      continue;
    text += "  " + d.name + ": {";
    if (!is_cpu)
      text += "slots: " + std::to_string(d.slots) + (d.memory ? ", " : "");
    text += (d.memory ? "memory: " + format_bytes(*d.memory) : "") + "}\n";
  }
  return text.empty() ? text : "devices:\n" + text;
}

} // namespace chalkstream::pipelines
