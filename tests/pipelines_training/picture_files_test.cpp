// Labelled pictures from every form they come in, and what is wrong with those that are wrong.
#include "pipelines/tools/training/images/picture_files.hpp"
#include "pipelines/tools/training/images/picture_split.hpp"
#include "tests/pipelines_training/picture_bytes.hpp"
#include "tests/pipelines_training/training_fixture.hpp"

namespace chalkstream::pipelines::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class picture_files_test : public training_fixture {
protected:
  result<picture_set> set_of(const std::filesystem::path& file, const picture_form& form = {}) const {
    return read_pictures({&file, 1}, form);
  }

  std::string refusal(const std::filesystem::path& file, const picture_form& form = {}) const {
    const auto read = set_of(file, form);
    return read ? "none" : told(read.error());
  }

  /// Both files of MNIST's form; returns the one with pictures.
  std::filesystem::path write_idx(std::string_view images, std::string_view labels) const {
    write("some-labels-idx1-ubyte", labels);
    return write("some-images-idx3-ubyte", images);
  }
};

TEST_F(picture_files_test, idx_files_are_read_packed_or_not) {
  const auto images = idx_bytes({2, 2, 3}, "abcdefABCDEF");
  const auto labels = idx_bytes({2}, "\x07\x01");
  write("z-labels-idx1-ubyte.gz", gzipped(labels));
  for (const auto& file : {write_idx(images, labels), write("z-images-idx3-ubyte.gz", gzipped(images))}) {
    const auto read = set_of(file);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_THAT(read->labels, ElementsAre("1", "7"));
    EXPECT_THAT(read->goals, ElementsAre(1, 0));
    EXPECT_EQ(read->pictures[1].height, 2U);
    EXPECT_EQ(read->pictures[1].width, 3U);
    EXPECT_EQ(read->pictures[1].channels, 1U);
    EXPECT_THAT(read->pictures[1].values, ElementsAre('A', 'B', 'C', 'D', 'E', 'F'));
    EXPECT_THAT(read->place(1), HasSubstr("ubyte"));
  }
}

TEST_F(picture_files_test, idx_files_that_contradict_themselves_are_refused) {
  const auto labels = idx_bytes({2}, "\x07\x01");
  const auto images = idx_bytes({2, 2, 3}, "abcdefABCDEF");
  EXPECT_THAT(refusal(write_idx(images.substr(0, 27), labels)),
              HasSubstr("some-images-idx3-ubyte: has 27 bytes; its header asks for 28"));
  EXPECT_THAT(refusal(write_idx(images + "more", labels)), HasSubstr("has 32 bytes"));
  EXPECT_THAT(refusal(write_idx(images.substr(0, 9), labels)), HasSubstr("is truncated within its header"));
  auto of_floats = images;
  of_floats[2] = '\x0D';
  EXPECT_THAT(refusal(write_idx(of_floats, labels)), HasSubstr("is no folder")); // nothing that is known
  EXPECT_THAT(refusal(write_idx(images, of_floats)), HasSubstr("labels-idx1-ubyte: does not begin as an IDX file"));
  EXPECT_THAT(refusal(write_idx(images, images)), HasSubstr("has 3 dimensions; labels have 1"));
  EXPECT_THAT(refusal(write_idx(images, idx_bytes({3}, "abc"))), HasSubstr("has 3 labels, and"));
  EXPECT_THAT(refusal(write_idx(idx_bytes({0xFFFFFFFF, 4000, 4000}, "a"), labels)), HasSubstr("which cannot be"));
  EXPECT_THAT(refusal(write_idx(idx_bytes({2, 0, 3}, ""), labels)), HasSubstr("0 bytes along a side"));
  EXPECT_THAT(refusal(write_idx(images, idx_bytes({2}, "\x07\x07"))), HasSubstr("has 1 labels"));
}

TEST_F(picture_files_test, packed_files_that_are_damaged_or_would_grow_beyond_reason_are_refused) {
  const auto labels = gzipped(idx_bytes({2}, "\x07\x01"));
  write("b-labels-idx1-ubyte.gz", labels);
  const auto write_images = [&](const std::string& bytes) { return write("b-images-idx3-ubyte.gz", bytes); };
  const auto packed = gzipped(idx_bytes({2, 30, 30}, std::string(1800, 'x')));
  EXPECT_EQ(refusal(write_images(packed)), "none");
  EXPECT_THAT(refusal(write_images(packed.substr(0, packed.size() - 12))), HasSubstr("is truncated"));
  auto damaged = packed;
  damaged[12] = static_cast<char>(~damaged[12]);
  EXPECT_THAT(refusal(write_images(damaged)), HasSubstr("is damaged"));
  EXPECT_THAT(refusal(write_images(gzipped(idx_bytes({2, 30, 30}, std::string(1700, 'x'))))),
              HasSubstr("has 1716 of the 1816 bytes"));
  EXPECT_THAT(refusal(write_images(gzipped(idx_bytes({2, 30, 30}, std::string(1 << 20, 'x'))))),
              HasSubstr("is longer than the 1816 bytes"));
  EXPECT_THAT(refusal(write_images(gzipped(idx_bytes({250, 4000, 4000}, "x")))), HasSubstr("cannot have the"));
}

TEST_F(picture_files_test, an_idx_file_whose_labels_cannot_be_found_says_what_they_are_called) {
  EXPECT_THAT(refusal(write("digits", idx_bytes({1, 1, 1}, "x"))), HasSubstr("name the one with pictures"));
  EXPECT_THAT(refusal(write("alone-images-idx3-ubyte", idx_bytes({1, 1, 1}, "x"))),
              HasSubstr("alone-labels-idx1-ubyte: cannot be opened"));
}

TEST_F(picture_files_test, cifar_files_are_read_with_the_names_beside_them) {
  const auto file = write("data_batch_1.bin", cifar_record(9, 10, 20, 30) + cifar_record(2, 1, 2, 3));
  auto read = set_of(file);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_THAT(read->labels, ElementsAre("2", "9"));
  EXPECT_EQ(read->pictures[0].channels, 3U);
  EXPECT_EQ(read->pictures[0].values[0], 10);
  EXPECT_EQ(read->pictures[0].values[1], 20);
  EXPECT_EQ(read->pictures[0].values[3 * 1024 - 1], 30);
  write("batches.meta.txt", "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
  read = set_of(file);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_THAT(read->labels, ElementsAre("bird", "truck"));
}

TEST_F(picture_files_test, cifar_files_that_are_none_are_refused) {
  EXPECT_THAT(refusal(write("a.bin", cifar_record(9, 1, 2, 3) + "x")), HasSubstr("a.bin: has 3074 bytes, no whole"));
  EXPECT_THAT(refusal(write("b.bin", cifar_record(1, 1, 2, 3) + cifar_record(10, 1, 2, 3))),
              HasSubstr("b.bin: picture 1 has the label 10; CIFAR-10 has 0 to 9"));
  write("batches.meta.txt", "one\ntwo\n");
  EXPECT_THAT(refusal(write("c.bin", cifar_record(1, 1, 2, 3))), HasSubstr("must have ten labels"));
}

TEST_F(picture_files_test, zip_archives_name_labels_before_a_hyphen_or_by_folder) {
  const std::vector<std::pair<std::string, std::string>> entries{{"10-a.png", plain_picture(2, 1, 9, 9, 9)},
                                                                 {"9-b-c.PNG", plain_picture(2, 1, 8, 8, 8)},
                                                                 {"folder/", ""},
                                                                 {"folder/plus/x.png", plain_picture(2, 1, 7, 7, 7)},
                                                                 {"readme.txt", "no picture"}};
  for (const bool deflate : {false, true}) {
    const auto read = set_of(write("some.zip", zip_bytes(entries, deflate)));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_THAT(read->labels, ElementsAre("10", "9-b", "plus"));
    EXPECT_EQ(read->pictures[0].channels, 1U) << "all are grey";
    EXPECT_THAT(read->pictures[0].values, ElementsAre(9, 9));
    EXPECT_THAT(read->place(2), HasSubstr("some.zip: folder/plus/x.png"));
  }
}

TEST_F(picture_files_test, zip_archives_that_lie_are_refused) {
  const std::vector<std::pair<std::string, std::string>> entries{{"a-1.png", plain_picture(4, 4, 1, 1, 1)},
                                                                 {"b-1.png", plain_picture(4, 4, 2, 2, 2)}};
  const auto good = zip_bytes(entries, false);
  EXPECT_EQ(refusal(write("z.zip", good)), "none");
  EXPECT_THAT(refusal(write("z.zip", good.substr(0, good.size() - 30))), HasSubstr("z.zip: is truncated"));
  auto damaged = good;
  damaged[40] = static_cast<char>(~damaged[40]); // within the first picture
  EXPECT_THAT(refusal(write("z.zip", damaged)), HasSubstr("entry 'a-1.png' is damaged: its checksum is another"));
  const auto directory = good.find("PK\x01\x02");
  const auto with = [&](std::string bytes, std::size_t at, const std::string& in_place) {
    bytes.replace(at, in_place.size(), in_place);
    return write("z.zip", bytes);
  };
  EXPECT_THAT(refusal(with(good, directory + 42, "\xFF\xFF\xFF\x7F")), HasSubstr("is not where the directory says"));
  EXPECT_THAT(refusal(with(good, directory + 28, "\xFF\xFF")), HasSubstr("directory ends within entry 0"));
  EXPECT_THAT(refusal(with(good, directory + 24, "\xFF\xFF\xFF\x7F")), HasSubstr("the limit is"));
  EXPECT_THAT(refusal(with(good, directory + 10, "\x0E")), HasSubstr("packed in another way"));
  EXPECT_THAT(refusal(with(good, directory + 8, "\x01")), HasSubstr("is encrypted"));
  // A bomb: 30 MiB are promised, and cannot come of so few bytes.
  const auto packed = zip_bytes(entries, true);
  EXPECT_THAT(refusal(with(packed, packed.find("PK\x01\x02") + 24, std::string("\0\0\xE0\x01", 4))),
              HasSubstr("cannot have the"));
  EXPECT_THAT(refusal(write("z.zip", zip_bytes({{"a-1.png", "no picture"}}, true))), HasSubstr("z.zip: a-1.png: "));
  EXPECT_THAT(refusal(write("z.zip", zip_bytes({{"a.png", plain_picture(1, 1, 1, 1, 1)}}, true))),
              HasSubstr("does not tell its label"));
}

TEST_F(picture_files_test, any_byte_of_an_archive_may_be_wrong_and_nothing_breaks) {
  const auto good =
      zip_bytes({{"a-1.png", plain_picture(4, 4, 1, 1, 1)}, {"b-1.png", plain_picture(4, 4, 2, 2, 2)}}, true);
  for (std::size_t at = 0; at < good.size(); ++at)
    for (const char wrong : {'\0', '\x7F', '\xFF'}) {
      auto bytes = good;
      bytes[at] = wrong;
      (void)refusal(write("fuzz.zip", bytes));
    }
}

TEST_F(picture_files_test, a_folder_has_a_folder_for_each_label) {
  std::filesystem::create_directories(path("set/cat"));
  std::filesystem::create_directories(path("set/dog/more"));
  write("set/cat/1.png", plain_picture(1, 1, 1, 2, 3));
  write("set/dog/more/2.jpg", plain_picture(1, 1, 4, 4, 4));
  write("set/dog/notes.txt", "not one");
  write("set/stray.png", "not within a label's folder");
  const auto read = set_of(path("set"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_THAT(read->labels, ElementsAre("cat", "dog"));
  EXPECT_THAT(read->goals, ElementsAre(0, 1));
  EXPECT_EQ(read->pictures[1].channels, 3U);
}

TEST_F(picture_files_test, pictures_are_brought_to_one_form_or_refused) {
  const std::vector<std::pair<std::string, std::string>> entries{{"a-1.png", plain_picture(2, 1, 255, 0, 0)},
                                                                 {"b-1.png", plain_picture(1, 2, 5, 5, 5)}};
  const auto file = write("forms.zip", zip_bytes(entries, false));
  EXPECT_THAT(refusal(file), HasSubstr("b-1.png: is 2 by 1, and the first one 1 by 2: say by --image-size"));
  const auto resized = set_of(file, {3, 4, 0});
  ASSERT_TRUE(resized) << resized.error().message;
  EXPECT_EQ(resized->pictures[1].height, 3U);
  EXPECT_EQ(resized->pictures[1].width, 4U);
  EXPECT_EQ(resized->pictures[1].values, std::vector<std::uint8_t>(36, 5))
      << "beside a coloured one it has its channels";
  const auto grey = set_of(file, {1, 2, 1});
  ASSERT_TRUE(grey) << grey.error().message;
  EXPECT_THAT(grey->pictures[0].values, ElementsAre(76, 76)); // as Pillow's convert("L")
  EXPECT_THAT(grey->pictures[1].values, ElementsAre(5, 5));
}

TEST_F(picture_files_test, a_share_of_each_label_is_set_aside_by_the_seed) {
  std::string content, labels;
  for (int i = 0; i < 40; ++i) {
    content.push_back(static_cast<char>(i));
    labels.push_back(static_cast<char>(i % 4 == 0 ? 5 : 6));
  }
  const auto file = write_idx(idx_bytes({40, 1, 1}, content), idx_bytes({40}, labels));
  const auto part = [&](std::uint64_t seed) {
    const auto parts = split_by_share(*set_of(file), 0.2, seed);
    EXPECT_TRUE(parts);
    EXPECT_EQ(parts->training.size(), 32U);
    EXPECT_EQ(std::count(parts->validation.goals.begin(), parts->validation.goals.end(), 0U), 2);
    std::vector<int> values;
    for (const auto& image : parts->validation.pictures)
      values.push_back(image.values.front());
    return values;
  };
  EXPECT_EQ(part(1), part(1));
  EXPECT_NE(part(1), part(2));
  const auto alone =
      split_by_share(*set_of(write_idx(idx_bytes({3, 1, 1}, "abc"), idx_bytes({3}, "\x01\x01\x02"))), 0.2, 0);
  EXPECT_THAT(alone.error().message, HasSubstr("only picture with the label '2'"));
}

} // namespace
} // namespace chalkstream::pipelines::tools
