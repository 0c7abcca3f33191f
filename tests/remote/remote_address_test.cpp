#include "pipelines/remote/remote_address.hpp"
#include "tests/support/seeds.hpp"

#include <curl/curl.h>
#include <memory>
#include <vector>

namespace chalkstream::pipelines::remote {
namespace {

TEST(remote_address_test, reads_https) {
  const auto made = parse_remote_address("https://Files.Example.org:8443/a%20b/%C3%BC.png?x=1&y=/?");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->scheme, remote_scheme::https);
  EXPECT_EQ(made->host, "files.example.org");
  EXPECT_EQ(made->port, 8443);
  EXPECT_EQ(made->path, "/a b/ü.png");
  EXPECT_EQ(made->target, "/a%20b/%C3%BC.png?x=1&y=/?");
  EXPECT_EQ(parse_remote_address("https://10.1.2.3/x")->port, 443);
}

TEST(remote_address_test, reads_s3_word_for_word) {
  const auto made = parse_remote_address("s3://my-bucket/2026/a%20b?#.png");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->scheme, remote_scheme::s3);
  EXPECT_EQ(made->host, "my-bucket");
  EXPECT_EQ(made->path, "2026/a%20b?#.png");
  EXPECT_EQ(made->target, "2026/a%2520b%3F%23.png");
}

TEST(remote_address_test, reads_nothing_that_others_might_read_otherwise) {
  for (const std::string uri : {"",
                                "https",
                                "https://",
                                "https:///a",
                                "https://host",
                                "https://host?x",
                                "HTTPS://host/a",
                                "https:/host/a",
                                "http://host/a",
                                "https://user@host/a",
                                "https://user:secret@host/a",
                                "https://host:/a",
                                "https://host:0/a",
                                "https://host:0443/a",
                                "https://host:65536/a",
                                "https://host:+443/a",
                                "https://host:443x/a",
                                "https://[::1]/a",
                                "https://host./a",
                                "https://.host/a",
                                "https://-host/a",
                                "https://ho st/a",
                                "https://host\\@other/a",
                                "https://host%2eorg/a",
                                "https://2130706433/a",
                                "https://0x7f.0.0.1/a",
                                "https://127.1/a",
                                "https://0177.0.0.1/a",
                                "https://1.2.3.256/a",
                                "https://host/a#b",
                                "https://host/a b",
                                "https://host/a\tb",
                                "https://host/a\r\nHost: other",
                                "https://host/%",
                                "https://host/%g0",
                                "https://host/%00",
                                "https://host/a?%",
                                "https://host/a//b",
                                "https://host/./a",
                                "https://host/a/..",
                                "https://host/%2e%2E/a",
                                "https://host/a%2fb",
                                "https://host/a%5Cb",
                                "https://host/a\\b",
                                "https://host/a%0d",
                                "https://host/\xc3\xbc",
                                "https://h\xc3\xb6st/a",
                                "s3://",
                                "s3://ab/c",
                                "s3:///key",
                                "s3://bucket",
                                "s3://bucket/",
                                "s3://Bucket/a",
                                "s3://bucket:80/a",
                                "s3://bu..et/a",
                                "s3://-bucket/a",
                                "s3://bucket/a//b",
                                "s3://bucket/../a",
                                "s3://bucket/a\\b",
                                "s3://bucket/a\nb"})
    EXPECT_FALSE(parse_remote_address(uri)) << uri;
  EXPECT_FALSE(parse_remote_address("s3://bucket/" + std::string(1025, 'k')));
  EXPECT_FALSE(parse_remote_address("https://" + std::string(64, 'h') + ".org/a"));
  EXPECT_FALSE(parse_remote_address(std::string("s3://bucket/a\0b", 15)));
}

TEST(remote_address_test, allowed_places_are_written_as_they_are_read) {
  for (const std::string text :
       {"files.example.org", "files.example.org:8443", "files.example.org/classes", "10.0.0.1:1/a b/"}) {
    const auto made = parse_allowed_host(text);
    ASSERT_TRUE(made) << text;
    EXPECT_EQ(format_allowed_place(*made), text);
  }
  for (const std::string text : {"archive", "archive/2026", "archive/2026/"}) {
    const auto made = parse_allowed_bucket(text);
    ASSERT_TRUE(made) << text;
    EXPECT_EQ(format_allowed_place(*made), text);
  }
  for (const auto* wrong : {"", "https://files.example.org", "*.example.org", "a:b", "host/../x", "user@host"})
    EXPECT_FALSE(parse_allowed_host(wrong)) << wrong;
  for (const auto* wrong : {"", "s3://archive", "ARCHIVE", "archive/a//b", "*"})
    EXPECT_FALSE(parse_allowed_bucket(wrong)) << wrong;
}

TEST(remote_address_test, a_file_lies_in_a_place_by_whole_segments) {
  const std::vector places{parse_allowed_host("files.example.org/classes").value(),
                           parse_allowed_host("files.example.org:8443").value(),
                           parse_allowed_host("open.example.org/a/").value()};
  const auto allowed = [&](std::string_view uri) { return lies_in(parse_remote_address(uri).value(), places); };
  EXPECT_TRUE(allowed("https://files.example.org/classes/1.png"));
  EXPECT_TRUE(allowed("https://FILES.example.org:443/%63lasses/1.png"));
  EXPECT_TRUE(allowed("https://files.example.org:8443/anything"));
  EXPECT_TRUE(allowed("https://open.example.org/a/b"));
  EXPECT_FALSE(allowed("https://files.example.org/classes2/1.png"));
  EXPECT_FALSE(allowed("https://files.example.org/Classes/1.png"));
  EXPECT_FALSE(allowed("https://files.example.org:444/classes/1.png"));
  EXPECT_FALSE(allowed("https://evil.files.example.org/classes/1.png"));
  EXPECT_FALSE(allowed("https://open.example.org/a"));
}

TEST(remote_address_test, endpoints_are_written_as_they_are_read) {
  for (const std::string text :
       {"https://s3.eu-central-1.amazonaws.com", "http://127.0.0.1:9000", "https://minio:9000"})
    EXPECT_EQ(format_endpoint(parse_endpoint(text).value()), text);
  EXPECT_EQ(format_endpoint(parse_endpoint("https://s3.example.org:443/").value()), "https://s3.example.org");
  for (const auto* wrong : {"", "s3.example.org", "https://", "https://host/path", "https://user@host", "ftp://host"})
    EXPECT_FALSE(parse_endpoint(wrong)) << wrong;
}

/// What libcurl, which will follow it, makes of a URL.
struct free_url {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK)
    return "none";
  std::string made = text;
  curl_free(text);
  return made;
}

std::string changed(std::string uri, test::random_engine& random) {
  constexpr std::string_view favourites = "/.:@%?#[]\\2eEfF0 \t\r\n\0";
  const auto any = [&](std::size_t below) {
    return static_cast<std::size_t>(test::any_of(random, 0, static_cast<std::int64_t>(below) - 1));
  };
  for (auto times = any(4); times > 0; --times) {
    const auto at = any(uri.size() + 1);
    const char with = any(2) == 0 ? favourites[any(favourites.size())] : static_cast<char>(any(256));
    switch (any(3)) {
    case 0:
      uri.insert(uri.begin() + static_cast<std::ptrdiff_t>(at), with);
      break;
    case 1:
      if (at < uri.size())
        uri[at] = with;
      break;
    default:
      if (at < uri.size())
        uri.erase(at, 1 + any(3));
      break;
    }
  }
  return uri;
}

std::string random_bytes(test::random_engine& random) {
  std::string made;
  for (auto length = test::any_of(random, 0, 60); length > 0; --length)
    made += static_cast<char>(test::any_of(random, 0, 255));
  return made;
}

/// Dot segments would go, and a user or a fragment be told apart, if libcurl saw one.
void expect_same_in_libcurl(CURLU* url, const remote_address& made, const std::string& uri) {
  const bool s3 = made.scheme == remote_scheme::s3;
  const auto asked = s3 ? "https://store/" + made.host + "/" + made.target
                        : "https://" + made.host + ":" + std::to_string(made.port) + made.target;
  ASSERT_EQ(curl_url_set(url, CURLUPART_URL, asked.c_str(), 0), CURLUE_OK) << uri;
  const auto path = made.target.substr(0, made.target.find('?'));
  EXPECT_EQ(part_of(url, CURLUPART_HOST), s3 ? "store" : made.host) << uri;
  EXPECT_EQ(part_of(url, CURLUPART_PATH), s3 ? "/" + made.host + "/" + path : path) << uri;
  EXPECT_EQ(part_of(url, CURLUPART_USER), "none") << uri;
  EXPECT_EQ(part_of(url, CURLUPART_FRAGMENT), "none") << uri;
  EXPECT_EQ(part_of(url, CURLUPART_PORT), s3 ? "none" : std::to_string(made.port)) << uri;
}

TEST(remote_address_test, random_uris_are_refused_or_mean_what_libcurl_takes_them_for) {
  const std::vector<std::string> seeds{"https://files.example.org/classes/page.png",
                                       "https://files.example.org:8443/a%20b/c?token=%2F", "https://10.1.2.3/x",
                                       "s3://archive/2026/page 1.png", "s3://my-bucket/a%20b"};
  const std::unique_ptr<CURLU, free_url> url{curl_url()};
  std::size_t tried = 0, read = 0;
  test::for_seeds(200, [&](test::random_engine& random) {
    for (int i = 0; i < 1000; ++i, ++tried) {
      const auto uri =
          test::one_in(random, 10) ? random_bytes(random) : changed(seeds[random() % seeds.size()], random);
      const auto made = parse_remote_address(uri);
      if (!made)
        continue;
      ++read;
      for (const char c : made->target)
        ASSERT_TRUE(c > ' ' && c < 0x7f && c != '\\' && c != '#') << uri;
      for (const char c : made->host)
        ASSERT_TRUE((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.') << uri;
      expect_same_in_libcurl(url.get(), *made, uri);
    }
  });
  EXPECT_GT(read, tried / 20);
}

} // namespace
} // namespace chalkstream::pipelines::remote
