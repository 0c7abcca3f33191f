#include "pipelines/configuration/configuration.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace chalkstream::pipelines {
namespace {

using namespace std::chrono_literals;

/// A pipeline of scans and one of clips; `remote` is the former's, from line 6, column 28.
std::string with(std::string_view remote) {
  return R"(kafka: {brokers: "localhost:9092"}
models: {digits: {path: models/digits}}
pipelines:
  clips: {kind: video, from: clips, to: seen, model: digits, clips: {remote: {hosts: clips.example.org}}}
  scans: {kind: recognition, from: scans, to: recognised, model: digits, images: {folders: [],
                   remote: {)"
         + std::string(remote) + "}}}\n";
}

result<configuration> parse(std::string_view remote) {
  return parse_configuration(with(remote), "c", "/etc/chalkstream");
}

constexpr std::string_view everything =
    "hosts: [scans.example.org, 'files.example.org:8443/classes'], private_addresses: true, ca_file: own.pem, "
    "connect_timeout: 2s, timeout: 1m, tries: 7, at_once: 9, s3: {buckets: [archive/2026, scans], "
    "endpoint: 'http://127.0.0.1:9000', region: eu-central-1, credentials: keys, private_addresses: true}";

TEST(remote_test, everything_may_be_said) {
  const auto read = parse(everything);
  ASSERT_TRUE(read) << read.error().message;
  const auto& r = read->pipelines[1].remote.value();
  EXPECT_EQ(r.hosts, (std::vector<remote::allowed_place>{{"scans.example.org", 443, ""},
                                                         {"files.example.org", 8443, "/classes"}}));
  EXPECT_TRUE(r.private_addresses);
  EXPECT_EQ(r.ca_file, "/etc/chalkstream/own.pem");
  EXPECT_EQ(r.connect_timeout, 2s);
  EXPECT_EQ(r.timeout, 1min);
  EXPECT_EQ(r.tries, 7U);
  EXPECT_EQ(r.at_once, 9U);
  const auto& s3 = r.s3.value();
  EXPECT_EQ(s3.buckets, (std::vector<remote::allowed_place>{{"archive", 443, "2026"}, {"scans", 443, ""}}));
  EXPECT_TRUE(s3.endpoint.plain);
  EXPECT_EQ(s3.endpoint.host, "127.0.0.1");
  EXPECT_EQ(s3.endpoint.port, 9000);
  EXPECT_EQ(s3.region, "eu-central-1");
  EXPECT_EQ(s3.credentials, "/etc/chalkstream/keys");
  EXPECT_TRUE(s3.private_addresses);
}

TEST(remote_test, what_is_not_said_is_strict) {
  const auto read = parse("s3: {buckets: archive}");
  ASSERT_TRUE(read) << read.error().message;
  const auto& clips = read->pipelines[0].remote.value();
  EXPECT_EQ(clips.hosts, (std::vector<remote::allowed_place>{{"clips.example.org", 443, ""}}));
  EXPECT_FALSE(clips.private_addresses);
  EXPECT_FALSE(clips.s3);
  EXPECT_FALSE(clips.ca_file);
  const auto& scans = read->pipelines[1].remote.value();
  EXPECT_TRUE(scans.hosts.empty());
  EXPECT_FALSE(scans.s3->endpoint.plain);
  EXPECT_FALSE(scans.s3->private_addresses);
  EXPECT_FALSE(scans.s3->credentials);
}

TEST(remote_test, is_described_as_it_is_read) {
  for (const auto remote :
       {everything, std::string_view("hosts: a.example.org"), std::string_view("s3: {buckets: b-b}")}) {
    const auto read = parse(remote);
    ASSERT_TRUE(read) << read.error().message;
    const auto again = parse_configuration(describe(*read), "c", "/etc/chalkstream");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(describe(*again), describe(*read));
    EXPECT_EQ(again->pipelines[1].remote->hosts, read->pipelines[1].remote->hosts);
  }
}

struct mistake {
  std::string_view remote;
  std::string_view told;
};

TEST(remote_test, mistakes_are_told_where_they_are) {
  for (
      const auto& [remote, told] : std::initializer_list<mistake>{
          {"", "c:6:28: pipelines.scans.images.remote: 'hosts' is missing (hosts, or s3 with its buckets, that files "
               "may come from)"},
          {"hots: a.example.org",
           "c:6:29: unknown key 'hots' in pipelines.scans.images.remote; did you mean 'hosts'?"},
          {"hosts: 'https://a.example.org/x'", "c:6:36: pipelines.scans.images.remote.hosts: expected host, "
                                               "host:port or host/path, without a scheme, found "
                                               "'https://a.example.org/x'"},
          {"hosts: '*.example.org'", "c:6:36: pipelines.scans.images.remote.hosts: expected host, host:port or "
                                     "host/path, without a scheme, found "
                                     "'*.example.org'"},
          {"hosts: a.example.org, tries: 0",
           "c:6:58: pipelines.scans.images.remote.tries: expected a whole number from 1 to 100, found '0'"},
          {"hosts: a.example.org, private_addresses: sometimes",
           "c:6:70: pipelines.scans.images.remote.private_addresses: expected false or true, found 'sometimes'"},
          {"s3: {}",
           "c:6:33: pipelines.scans.images.remote.s3: 'buckets' is missing (the buckets that files may come "
           "from)"},
          {"s3: {buckets: Archive}", "c:6:43: pipelines.scans.images.remote.s3.buckets: expected a bucket's name, or "
                                     "bucket/key prefix, without a "
                                     "scheme, found 'Archive'"},
          {"s3: {buckets: archive, endpoint: s3.example.org}",
           "c:6:62: pipelines.scans.images.remote.s3.endpoint: expected https://host or https://host:port, without a "
           "path, found 's3.example.org'"},
          {"s3: {buckets: archive, region: 'EU Central'}",
           "c:6:60: pipelines.scans.images.remote.s3.region: expected lower-case letters, digits and hyphens, as in "
           "eu-central-1"},
      }) {
    const auto read = parse(remote);
    ASSERT_FALSE(read) << remote;
    EXPECT_EQ(read.error().message, told);
  }
}

TEST(remote_test, files_that_are_named_must_be_there) {
  char name[] = "/tmp/chalkstream-configuration-XXXXXX";
  const std::filesystem::path folder = ::mkdtemp(name);
  std::filesystem::create_directories(folder / "models" / "digits");
  const auto file = folder / "c.yaml";
  std::ofstream{file} << with("hosts: a.example.org, ca_file: own.pem, s3: {buckets: archive, credentials: keys}");
  const auto read = load_configuration(file);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, file.string() + ":6:60: pipelines.scans.images.remote.ca_file: there is no file '"
                                      + (folder / "own.pem").string() + "'\n" + file.string()
                                      + ":6:105: pipelines.scans.images.remote.s3.credentials: there is no file '"
                                      + (folder / "keys").string() + "'");
  std::filesystem::remove_all(folder);
}

} // namespace
} // namespace chalkstream::pipelines
