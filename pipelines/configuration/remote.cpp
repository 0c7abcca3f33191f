#include "pipelines/configuration/remote.hpp"

#include "pipelines/configuration/units.hpp"

#include <algorithm>

namespace chalkstream::pipelines {

using namespace std::chrono_literals;

namespace {

using remote::allowed_place;

std::vector<allowed_place> read_places(config_section& s, std::string_view key,
                                       result<allowed_place> (*parse)(std::string_view)) {
  std::vector<allowed_place> made;
  for (const auto& text : s.text_list(key).value_or(std::vector<std::string>{})) {
    auto place = parse(text);
    if (!place)
      s.complain(key, place.error().message);
    else
      made.push_back(std::move(*place));
  }
  return made;
}

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

remote::s3_settings read_s3(config_section s) {
  remote::s3_settings made;
  s.require("buckets", "the buckets that files may come from");
  made.buckets = read_places(s, "buckets", remote::parse_allowed_bucket);
  if (const auto endpoint = s.text("endpoint")) {
    if (auto read = remote::parse_endpoint(*endpoint))
      made.endpoint = std::move(*read);
    else
      s.complain("endpoint", read.error().message);
  }
  if (const auto region = s.text("region")) {
    made.region = *region;
    if (!is_region(*region))
      s.complain("region", "expected lower-case letters, digits and hyphens, as in eu-central-1");
  }
  if (const auto file = s.text("credentials"))
    made.credentials = *file;
  made.private_addresses = s.flag("private_addresses").value_or(made.private_addresses);
  s.close();
  return made;
}

std::string list_of(const std::vector<allowed_place>& places) {
  std::string made;
  for (const auto& place : places)
    made += (made.empty() ? "" : ", ") + yaml_text(remote::format_allowed_place(place));
  return "[" + made + "]";
}

std::string_view yes_or_no(bool value) {
  return value ? "true" : "false";
}

} // namespace

void read_remote(config_section& files, pipeline_configuration& into) {
  if (!files.has("remote")) {
    files.section("remote").close();
    return;
  }
  auto s = files.section("remote");
  remote::remote_settings made;
  made.hosts = read_places(s, "hosts", remote::parse_allowed_host);
  made.private_addresses = s.flag("private_addresses").value_or(made.private_addresses);
  if (s.has("s3"))
    made.s3 = read_s3(s.section("s3"));
  else
    s.section("s3").close();
  if (!s.has("hosts") && !s.has("s3"))
    s.require("hosts", "hosts, or s3 with its buckets, that files may come from");
  if (const auto file = s.text("ca_file"))
    made.ca_file = *file;
  made.connect_timeout = s.time("connect_timeout", 10ms, 5min).value_or(made.connect_timeout);
  made.timeout = s.time("timeout", 10ms, 1h).value_or(made.timeout);
  made.tries = s.count("tries", 1, 100).value_or(made.tries);
  made.at_once = s.count("at_once", 1, 256).value_or(made.at_once);
  s.close();
  into.remote = std::move(made);
}

std::string describe_remote(const pipeline_configuration& p) {
  if (!p.remote)
    return {};
  const auto& all = *p.remote;
  std::string made = ", remote: {hosts: " + list_of(all.hosts) + ", private_addresses: ";
  made += yes_or_no(all.private_addresses);
  if (const auto& s3 = all.s3) {
    made += ", s3: {buckets: " + list_of(s3->buckets) + ", endpoint: "
            + yaml_text(remote::format_endpoint(s3->endpoint)) + ", region: " + yaml_text(s3->region);
    if (s3->credentials)
      made += ", credentials: " + yaml_text(s3->credentials->string());
    made.append(", private_addresses: ").append(yes_or_no(s3->private_addresses)).append("}");
  }
  if (all.ca_file)
    made += ", ca_file: " + yaml_text(all.ca_file->string());
  return made + ", connect_timeout: " + format_duration(all.connect_timeout)
         + ", timeout: " + format_duration(all.timeout) + ", tries: " + std::to_string(all.tries)
         + ", at_once: " + std::to_string(all.at_once) + "}";
}

} // namespace chalkstream::pipelines
