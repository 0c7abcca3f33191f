#include "pipelines/configuration/monitoring.hpp"

#include "monitoring/http_request.hpp"
#include "pipelines/configuration/units.hpp"

#include <algorithm>

namespace chalkstream::pipelines {

namespace {

constexpr std::size_t longest_name = 100;
constexpr std::string_view the_rest = "other";

bool is_language(std::string_view name) {
  return name.size() >= 2 && name.size() <= 8
         && std::all_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

void check_names(config_section& s, group_kind kind, const std::vector<std::string>& names) {
  const auto key = to_string(kind);
  if (names.size() > result_groups::most)
    s.complain(key, "expected " + std::to_string(result_groups::most)
                        + " names at most, since each is a set of series; found " + std::to_string(names.size()));
  auto sorted = names;
  std::ranges::sort(sorted);
  if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end())
    s.complain(key, "'" + *twice + "' is there twice");
  for (const auto& name : names) {
    if (name.empty() || name.size() > longest_name || name == the_rest)
      s.complain(key, "expected names of 1 to " + std::to_string(longest_name)
                          + " bytes other than 'other', which is all the rest; found '" + name.substr(0, longest_name)
                          + "'");
    else if (kind == group_kind::language && !is_language(name))
      s.complain(key, "expected languages such as en, without a region; found '" + name + "'");
  }
}

} // namespace

void read_groups(config_section& monitoring, configuration& into) {
  auto s = monitoring.section("groups");
  for (std::size_t i = 0; i < group_kind_count; ++i) {
    const auto kind = static_cast<group_kind>(i);
    if (auto names = s.text_list(to_string(kind))) {
      check_names(s, kind, *names);
      into.groups.names[i] = std::move(*names);
    }
  }
  s.close();
}

void read_traces(config_section& monitoring, configuration& into) {
  auto s = monitoring.section("traces");
  if (const auto endpoint = s.text("endpoint")) {
    into.traces.endpoint = *endpoint == "off" ? "" : *endpoint;
    if (const auto address = chalkstream::monitoring::read_http_address(*endpoint); *endpoint != "off" && !address)
      s.complain("endpoint", address.error().message);
  }
  into.traces.sample = s.share("sample").value_or(into.traces.sample);
  s.close();
}

namespace {

std::string describe(const result_groups& groups) {
  std::string text;
  for (std::size_t i = 0; i < group_kind_count; ++i) {
    std::string names;
    for (const auto& name : groups.names[i])
      names += (names.empty() ? "" : ", ") + yaml_text(name);
    if (!names.empty())
      text += (text.empty() ? "" : ", ") + std::string(to_string(static_cast<group_kind>(i))) + ": [" + names + "]";
  }
  return text;
}

} // namespace

std::string describe_monitoring(const configuration& all) {
  const auto groups = describe(all.groups);
  std::string text = groups.empty() ? "" : ", groups: {" + groups + "}";
  if (!all.traces.endpoint.empty())
    text += ", traces: {endpoint: " + yaml_text(all.traces.endpoint) + ", sample: " + format_number(all.traces.sample)
            + "}";
  return text;
}

} // namespace chalkstream::pipelines
