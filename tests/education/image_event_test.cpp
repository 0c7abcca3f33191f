#include "education/digest.hpp"
#include "education/event_decoder.hpp"
#include "education/image_record.hpp"

#include <array>
#include <gtest/gtest.h>
#include <random>

namespace chalkstream::education {
namespace {

TEST(digest_test, is_sha_256) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

class image_event_test : public testing::Test {
protected:
  event_decoder decoder{pseudonymiser::from_key(std::array<unsigned char, 32>{1}).value(), only({event_type::image}),
                        {.max_bytes = 4096}};

  static std::string with(std::string_view image) {
    return R"({"id":"e1","learner":"l","type":"image","image":)" + std::string{image} + "}";
  }

  static record as_record(std::string_view value, std::vector<header_view> headers) {
    record input;
    input.value = value;
    input.headers = std::move(headers);
    return input;
  }

  template <class From>
  event accepted(const From& from) const {
    auto decoded = decoder.decode(from);
    if (const auto* refused = std::get_if<rejection>(&decoded)) {
      ADD_FAILURE() << to_string(refused->reason) << ": " << refused->detail;
      return {};
    }
    return std::get<event>(std::move(decoded));
  }

  template <class From>
  reject_reason refused(const From& from) const {
    const auto decoded = decoder.decode(from);
    const auto* why = std::get_if<rejection>(&decoded);
    EXPECT_TRUE(why) << "accepted";
    return why ? why->reason : reject_reason::crashed_process;
  }
};

TEST_F(image_event_test, has_its_bytes_in_base64) {
  const auto e = accepted(std::string_view{R"({"id":"e1","learner":"l","type":"image","lang":"en",
    "image":{"media_type":"image/png","data":"Zm9v","sha256":null,"width":7}})"});
  ASSERT_TRUE(e.image);
  EXPECT_EQ(e.image->bytes, "foo");
  EXPECT_EQ(e.image->media_type, "image/png");
  EXPECT_EQ(e.image->uri, "");
  EXPECT_EQ(e.image->sha256, "");
  EXPECT_EQ(e.type, event_type::image);
}

TEST_F(image_event_test, or_says_where_they_are) {
  const std::string digest(64, 'a');
  const auto e =
      accepted(std::string_view{with(R"({"uri":"file:///scans/1.png","sha256":")" + digest + R"("})")});
  EXPECT_EQ(e.image->uri, "file:///scans/1.png");
  EXPECT_EQ(e.image->sha256, digest);
  EXPECT_EQ(e.image->bytes, "");
}

TEST_F(image_event_test, is_refused_where_the_image_is_not_what_it_must_be) {
  const auto refused_with = [&](std::string_view image) { return refused(std::string_view{with(image)}); };
  EXPECT_EQ(refused(std::string_view{R"({"id":"e1","learner":"l","type":"image"})"}), reject_reason::missing_field);
  EXPECT_EQ(refused_with("null"), reject_reason::missing_field);
  EXPECT_EQ(refused_with("{}"), reject_reason::missing_field);
  EXPECT_EQ(refused_with(R"("Zm9v")"), reject_reason::wrong_type);
  EXPECT_EQ(refused_with(R"({"data":7})"), reject_reason::wrong_type);
  EXPECT_EQ(refused_with(R"({"data":""})"), reject_reason::invalid_value);
  EXPECT_EQ(refused_with(R"({"data":"Zm9"})"), reject_reason::invalid_value);
  EXPECT_EQ(refused_with(R"({"uri":""})"), reject_reason::invalid_value);
  EXPECT_EQ(refused_with(R"({"data":"Zm9v","uri":"file:///a"})"), reject_reason::invalid_value);
  EXPECT_EQ(refused_with(R"({"data":"Zm9v","data":"Zm9v"})"), reject_reason::invalid_value);
  EXPECT_EQ(refused_with(R"({"data":"Zm9v","sha256":"abc"})"), reject_reason::invalid_value);
  EXPECT_EQ(refused_with(R"({"uri":")" + std::string(2049, 'a') + R"("})"), reject_reason::invalid_value);
}

TEST_F(image_event_test, is_a_record_s_value_where_its_content_type_says_so) {
  const std::string png = "\x89PNG\r\n\x1a\n\xff";
  const auto e = accepted(as_record(png, {{"content-type", "image/png"},
                                          {"ce_specversion", "1.0"},
                                          {"ce_type", "org.example.scan"},
                                          {"ce_source", "/scanner/3"},
                                          {"ce_id", "scan \"7\""},
                                          {"ce_learner", "l"},
                                          {"ce_tenant", "t"},
                                          {"ce_item", "q1"},
                                          {"ce_attempt", "2"},
                                          {"ce_max_score", "2.5"},
                                          {"ce_time", "2026-11-26T08:00:00Z"},
                                          {"traceparent", "00-1"}}));
  EXPECT_EQ(e.id, "scan \"7\"");
  EXPECT_EQ(e.tenant, "t");
  EXPECT_EQ(e.item, "q1");
  EXPECT_EQ(e.attempt, 2);
  EXPECT_EQ(e.max_score, 2.5);
  EXPECT_TRUE(e.occurred_at);
  ASSERT_TRUE(e.image);
  EXPECT_EQ(e.image->bytes, png);
  EXPECT_EQ(e.image->media_type, "image/png");
  EXPECT_EQ(e.image->sha256, "");
}

TEST_F(image_event_test, a_record_that_is_an_image_may_tell_its_digest) {
  const std::string digest(64, 'a');
  const auto told = [&](std::vector<std::string_view> digests) {
    std::vector<header_view> headers{{"content-type", "image/png"}, {"ce_id", "1"}, {"ce_learner", "l"}};
    for (const auto one : digests)
      headers.push_back({"ce_sha256", one});
    return as_record("bytes", headers);
  };
  EXPECT_EQ(accepted(told({digest})).image->sha256, digest);
  EXPECT_EQ(refused(told({"abc"})), reject_reason::invalid_value);
  EXPECT_EQ(refused(told({digest, digest})), reject_reason::invalid_value);
}

TEST_F(image_event_test, refuses_records_of_images_as_it_refuses_json) {
  const std::vector<header_view> good{{"content-type", "application/pdf"}, {"ce_id", "1"}, {"ce_learner", "l"}};
  const auto with_header = [&](header_view more) {
    auto headers = good;
    headers.push_back(more);
    return as_record("%PDF", headers);
  };
  EXPECT_EQ(accepted(as_record("%PDF", good)).id, "1");
  EXPECT_EQ(refused(as_record("", good)), reject_reason::empty_value);
  EXPECT_EQ(refused(as_record(std::string(4097, 'x'), good)), reject_reason::too_large);
  EXPECT_EQ(refused(as_record("x", {{"content-type", "image/png"}, {"ce_id", "1"}})), reject_reason::missing_field);
  EXPECT_EQ(refused(with_header({"ce_id", "2"})), reject_reason::invalid_value);
  EXPECT_EQ(refused(with_header({"ce_attempt", "0"})), reject_reason::invalid_value);
  EXPECT_EQ(refused(with_header({"ce_attempt", "twice"})), reject_reason::wrong_type);
  EXPECT_EQ(refused(with_header({"ce_item", "\xff"})), reject_reason::invalid_utf8);
  EXPECT_EQ(refused(with_header({"ce_image", "{}"})), reject_reason::invalid_value);
  EXPECT_EQ(refused(with_header({"ce_time", "yesterday"})), reject_reason::invalid_value);
}

TEST_F(image_event_test, survives_damage) {
  std::mt19937 random{7};
  const auto whole = with(R"({"media_type":"image/png","data":"Zm9vYmFyCg==","sha256":null})");
  for (int i = 0; i < 20'000; ++i) {
    auto damaged = whole;
    for (int k = 0; k < 3; ++k)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    const auto decoded = decoder.decode(std::string_view{damaged});
    if (const auto* e = std::get_if<event>(&decoded)) {
      EXPECT_TRUE(e->image);
    }
  }
}

TEST(video_event_test, has_a_clip_where_others_have_an_image) {
  const event_decoder decoder{pseudonymiser::from_key(std::array<unsigned char, 32>{1}).value(),
                              only({event_type::video})};
  const auto decoded = decoder.decode(std::string_view{
      R"({"id":"e1","learner":"l","type":"video","image":7,"video":{"media_type":"video/mp4","data":"Zm9v"}})"});
  const auto* e = std::get_if<event>(&decoded);
  ASSERT_TRUE(e) << std::get<rejection>(decoded).detail;
  EXPECT_EQ(e->type, event_type::video);
  EXPECT_FALSE(e->image);
  EXPECT_EQ(e->video.value().bytes, "foo");
  const auto without = decoder.decode(std::string_view{R"({"id":"e1","learner":"l","type":"video"})"});
  EXPECT_EQ(std::get<rejection>(without).detail, "video is required for this type");
  const auto twice = decoder.decode(
      std::string_view{R"({"id":"e1","learner":"l","type":"video","video":{"data":"Zm9v","uri":"file:///a"}})"});
  EXPECT_EQ(std::get<rejection>(twice).reason, reject_reason::invalid_value);

  record clip;
  clip.value = "bytes";
  clip.headers = {{"content-type", "video/webm"}, {"ce_id", "e2"}, {"ce_learner", "l"}};
  const auto from_headers = decoder.decode(clip);
  const auto* own = std::get_if<event>(&from_headers);
  ASSERT_TRUE(own) << std::get<rejection>(from_headers).detail;
  EXPECT_EQ(own->video.value().bytes, "bytes");
  EXPECT_EQ(own->video.value().media_type, "video/webm");
}

} // namespace
} // namespace chalkstream::education
