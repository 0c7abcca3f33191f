#include "models/safetensors.hpp"

#include "tests/models/model_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <random>

namespace chalkstream::models {
namespace {

using ::testing::HasSubstr;
using testing::safetensors_bytes;
using testing::scratch_folder;

// Why a file of these bytes is refused; empty if it is not.
std::string refusal(const std::string& bytes) {
  const scratch_folder folder;
  folder.write("model.safetensors", bytes);
  const auto archive = tensor_archive::open(folder.path());
  return archive ? "" : to_string(archive.error());
}

std::string refusal(std::string_view header, std::size_t data) {
  return refusal(safetensors_bytes(header, data));
}

constexpr std::string_view two_tensors = R"({"__metadata__":{"format":"pt"},
  "b":{"dtype":"F32","shape":[2,2],"data_offsets":[4,20]},
  "a":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}})";

TEST(safetensors_test, reads_tensors_in_place_whatever_their_order) {
  const scratch_folder folder;
  folder.write("model.safetensors", safetensors_bytes(two_tensors, 20));
  const auto archive = tensor_archive::open(folder.path());
  ASSERT_TRUE(archive) << archive.error().message;
  ASSERT_EQ(archive->tensors().size(), 2u);
  const auto* b = archive->find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->shape, (std::vector<std::size_t>{2, 2}));
  EXPECT_EQ(b->type, element_type::f32);
  EXPECT_EQ(b->elements(), 4u);
  EXPECT_EQ(std::to_integer<int>(b->bytes[15]), 1);
  EXPECT_EQ(archive->find("c"), nullptr);
  archive->release(*b);
  EXPECT_EQ(std::to_integer<int>(b->bytes[15]), 1);
}

TEST(safetensors_test, accepts_scalars_empty_tensors_and_padding_after_the_header) {
  EXPECT_EQ(refusal(R"({"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}   )", 4), "");
  EXPECT_EQ(refusal(R"({"e":{"dtype":"F32","shape":[0,7],"data_offsets":[4,4]},)"
                    R"("s":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                    4),
            "");
  EXPECT_EQ(refusal("{}", 0), "");
}

TEST(safetensors_test, refuses_a_file_shorter_than_it_says) {
  EXPECT_THAT(refusal(""), HasSubstr("empty"));
  EXPECT_THAT(refusal(std::string("\2\0\0", 3)), HasSubstr("too short"));
  EXPECT_THAT(refusal(std::string("\x20\0\0\0\0\0\0\0{}", 10)), HasSubstr("truncated"));
  EXPECT_THAT(refusal(two_tensors, 19), HasSubstr("tensor 'b' ends at byte 20 of 19"));
}

TEST(safetensors_test, refuses_a_huge_header_without_reading_it) {
  EXPECT_THAT(refusal(std::string("\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10)), HasSubstr("limit"));
  EXPECT_THAT(refusal(std::string("\x01\xe1\xf5\x05\0\0\0\0{}", 10)), HasSubstr("100000001"));
}

TEST(safetensors_test, refuses_bytes_after_the_last_tensor) {
  EXPECT_THAT(refusal(two_tensors, 21), HasSubstr("1 bytes follow the last tensor, 'b'"));
  EXPECT_THAT(refusal("{}", 3), HasSubstr("3 bytes follow"));
}

TEST(safetensors_test, refuses_overlaps_and_holes_and_names_the_tensor) {
  EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                      R"("b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}})",
                      7),
              HasSubstr("tensor 'b' overlaps"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                      R"("b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
                      4),
              HasSubstr("overlaps"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                      R"("b":{"dtype":"U8","shape":[4],"data_offsets":[5,9]}})",
                      9),
              HasSubstr("hole before tensor 'b'"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[1,5]}})", 5), HasSubstr("hole"));
}

TEST(safetensors_test, refuses_sizes_that_contradict_each_other) {
  EXPECT_THAT(refusal(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8),
              HasSubstr("tensor 'a' has 8 bytes, but dtype and shape need 12"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})", 8),
              HasSubstr("tensor 'a' has a shape whose size overflows"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}})", 0),
              HasSubstr("overflows"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}})", 4), HasSubstr("before it begins"));
  EXPECT_THAT(
      refusal(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[18446744073709551615,18446744073709551615]}})", 4),
      HasSubstr("ends at byte"));
}

TEST(safetensors_test, refuses_numbers_that_are_not_sizes) {
  for (const char* bad : {"-1", "1.5", "\"4\"", "null", "18446744073709551616", "1e2"}) {
    const std::string text(bad);
    EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[)" + text + R"(],"data_offsets":[0,4]}})", 4),
                HasSubstr("corrupt"))
        << bad;
    EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,)" + text + R"(]}})", 4),
                HasSubstr("corrupt"))
        << bad;
  }
}

TEST(safetensors_test, refuses_unknown_dtypes_and_members) {
  EXPECT_THAT(refusal(R"({"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}})", 4), HasSubstr("unsupported"));
  EXPECT_THAT(refusal(R"({"a":{"shape":[1],"data_offsets":[0,4]}})", 4), HasSubstr("tensor 'a' has no dtype"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", 4), HasSubstr("no shape"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"F32","shape":[1]}})", 4), HasSubstr("data_offsets"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}})", 4),
              HasSubstr("unknown member 'x'"));
  EXPECT_THAT(refusal(R"({"a":7})", 0), HasSubstr("tensor 'a'"));
}

TEST(safetensors_test, refuses_headers_that_are_not_what_they_should_be) {
  EXPECT_THAT(refusal("[1]", 0), HasSubstr("start with '{'"));
  EXPECT_THAT(refusal(" {}", 0), HasSubstr("start with '{'"));
  EXPECT_THAT(refusal("{\"a\":", 0), HasSubstr("JSON"));
  EXPECT_THAT(refusal("{}{}", 0), HasSubstr("JSON"));
  EXPECT_THAT(refusal(R"({"a":)" + std::string(100000, '[') + "}", 0), HasSubstr("nested"));
  EXPECT_THAT(refusal(R"({"__metadata__":{"format":1}})", 0), HasSubstr("__metadata__"));
  EXPECT_THAT(refusal(R"({"__metadata__":["x"]})", 0), HasSubstr("__metadata__"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                      R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                      2),
              HasSubstr("two members named 'a'"));
}

TEST(safetensors_test, survives_random_damage_to_the_header) {
  const auto whole = safetensors_bytes(two_tensors, 20);
  std::mt19937 chance(7);
  int refused = 0;
  const scratch_folder folder;
  for (int round = 0; round < 400; ++round) {
    auto bytes = whole;
    for (int i = 0; i < 3; ++i)
      bytes[chance() % (whole.size() - 20)] = static_cast<char>(chance());
    bytes.resize(bytes.size() - chance() % 3);
    folder.write("model.safetensors", bytes);
    const auto archive = tensor_archive::open(folder.path());
    refused += !archive;
    if (archive) {
      for (const auto& tensor : archive->tensors())
        EXPECT_LE(tensor.bytes.size(), 20u);
    }
  }
  EXPECT_GT(refused, 300);
}

TEST(safetensors_test, says_what_a_folder_lacks) {
  const scratch_folder folder;
  EXPECT_THAT(to_string(tensor_archive::open(folder.path()).error()), HasSubstr("not_found"));
  folder.write("pytorch_model.bin", "x");
  EXPECT_THAT(tensor_archive::open(folder.path()).error().message, HasSubstr("never loaded"));
}

class sharded_safetensors_test : public ::testing::Test {
protected:
  void SetUp() override {
    folder_.write("one.safetensors",
                  safetensors_bytes(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", 4));
    folder_.write("two.safetensors",
                  safetensors_bytes(R"({"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 2));
  }

  std::string refusal_with(const std::string& map) {
    folder_.write("model.safetensors.index.json", R"({"metadata":{},"weight_map":)" + map + "}");
    const auto archive = tensor_archive::open(folder_.path());
    return archive ? "" : to_string(archive.error());
  }

  scratch_folder folder_;
};

TEST_F(sharded_safetensors_test, joins_the_shards_an_index_names) {
  EXPECT_EQ(refusal_with(R"({"a":"one.safetensors","b":"two.safetensors"})"), "");
  const auto archive = tensor_archive::open(folder_.path());
  ASSERT_TRUE(archive);
  EXPECT_EQ(archive->find("a")->bytes.size(), 4u);
  EXPECT_EQ(archive->find("b")->bytes.size(), 2u);
  EXPECT_EQ(archive->files().size(), 2u);
}

TEST_F(sharded_safetensors_test, refuses_an_index_that_contradicts_its_shards) {
  EXPECT_THAT(refusal_with(R"({"a":"one.safetensors","b":"three.safetensors"})"), HasSubstr("three.safetensors"));
  EXPECT_THAT(refusal_with(R"({"a":"one.safetensors","c":"two.safetensors"})"), HasSubstr("tensor 'c' is not in"));
  EXPECT_THAT(refusal_with(R"({"a":"one.safetensors","b":"two.safetensors","c":"two.safetensors"})"),
              HasSubstr("tensor 'c' is not in two.safetensors"));
  EXPECT_THAT(refusal_with(R"({"a":"one.safetensors","a":"two.safetensors"})"), HasSubstr("two members named 'a'"));
  EXPECT_THAT(refusal_with("[]"), HasSubstr("weight_map"));
  folder_.write("two.safetensors", folder_.read("one.safetensors"));
  EXPECT_THAT(refusal_with(R"({"a":"one.safetensors","b":"two.safetensors"})"), HasSubstr("tensor 'b'"));
}

TEST_F(sharded_safetensors_test, never_leaves_the_models_folder) {
  for (const char* name : {"../one.safetensors", "/etc/one.safetensors", "x/../../one.safetensors", "..", "",
                           ".hidden.safetensors", "one.bin", "a\\\\one.safetensors", "a\\u0000.safetensors"})
    EXPECT_THAT(refusal_with(R"({"a":")" + std::string(name) + R"("})"), HasSubstr("plain name")) << name;
  EXPECT_THAT(refusal_with(R"({"a":7})"), HasSubstr("plain name"));
}

TEST(to_float_test, converts_half_precision_exactly) {
  const std::uint16_t half[] = {0x0000, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x7c00, 0x7e00};
  tensor_view view{"h", element_type::f16, {9}, std::as_bytes(std::span(half))};
  const auto floats = to_float(view).value();
  EXPECT_EQ(floats[0], 0.0f);
  EXPECT_TRUE(std::signbit(floats[1]));
  EXPECT_EQ(floats[2], 1.0f);
  EXPECT_EQ(floats[3], -2.0f);
  EXPECT_EQ(floats[4], 65504.0f);
  EXPECT_EQ(floats[5], 0x1p-24f);
  EXPECT_EQ(floats[6], 1023 * 0x1p-24f);
  EXPECT_TRUE(std::isinf(floats[7]));
  EXPECT_TRUE(std::isnan(floats[8]));
  const std::uint16_t brain[] = {0x3f80, 0xc0a0};
  view = {"b", element_type::bf16, {2}, std::as_bytes(std::span(brain))};
  EXPECT_EQ(to_float(view).value(), (std::vector<float>{1.0f, -5.0f}));
  view.type = element_type::i16;
  EXPECT_THAT(to_float(view).error().message, HasSubstr("tensor 'b' is I16"));
}

} // namespace
} // namespace chalkstream::models
