#include "tests/pipelines_training/training_fixture.hpp"

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace chalkstream::pipelines::tools {

namespace fs = std::filesystem;

training_fixture::training_fixture() {
  std::string name = (fs::temp_directory_path() / "chalkstream-training-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw std::runtime_error("no temporary folder");
  folder_ = name;
}

training_fixture::~training_fixture() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

fs::path training_fixture::write(const std::string& name, std::string_view text) const {
  std::ofstream(folder_ / name, std::ios::binary) << text;
  return folder_ / name;
}

std::string training_fixture::read(const fs::path& name) const {
  std::ifstream in(folder_ / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

fs::path training_fixture::model(const std::string& golden) const {
  const fs::path goldens = "tests/models/goldens";
  const auto made = folder_ / golden;
  if (!fs::exists(made)) {
    fs::copy(goldens / golden, made, fs::copy_options::recursive);
    fs::copy(goldens / "words" / "tokenizer.json", made);
  }
  return made;
}

void training_fixture::expect_the_same_bytes_when_stopped(training_settings settings,
                                                          const std::vector<std::size_t>& stops,
                                                          const std::vector<std::string>& files) const {
  settings.run.checkpoint_every = 1;
  ASSERT_TRUE(train(settings, {}, {}));
  const auto whole = settings.run.out;
  settings.run.resume = true;
  for (const auto stop : stops) {
    settings.run.out = path("stopped-" + std::to_string(stop));
    run_watcher watcher;
    std::size_t steps = 0;
    watcher.over = [&] { return ++steps == stop; };
    EXPECT_EQ(train(settings, watcher, {}).error().code, errc::cancelled);
    const auto made = train(settings, {}, {});
    ASSERT_TRUE(made) << told(made.error());
    for (const auto& file : files)
      EXPECT_EQ(read(settings.run.out / file), read(whole / file)) << stop << " " << file;
  }
}

std::string training_fixture::told(const error& why) const {
  auto message = why.message;
  for (const auto name = folder_.string() + "/"; message.find(name) != std::string::npos;)
    message.erase(message.find(name), name.size());
  return message;
}

std::string easy_rows(std::size_t count) {
  constexpr std::array wet = {"the river is water", "water cuts the valley", "it was water from the river"};
  constexpr std::array bright = {"light makes energy", "plants makes sugar from light", "the light of the moon"};
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    const bool first = i % 2 == 0;
    const auto* sentence = first ? wet[i / 2 % wet.size()] : bright[i / 2 % bright.size()];
    const std::string letters{static_cast<char>('a' + i % 7), ' ', static_cast<char>('a' + i % 11)};
    text += R"({"id":)" + std::to_string(i) + R"(,"question":"q)" + std::to_string(i % 8) + R"(","text":")" + sentence
            + " " + letters + R"(","pair":")" + (i % 3 == 0 ? "what is it" : "the earth") + R"(","label":")"
            + (first ? "wet" : "bright") + R"(","score":{"content":)" + (first ? "4" : "1") + R"(,"wording":)"
            + std::to_string(i % 3) + "}}\n";
  }
  return text;
}

} // namespace chalkstream::pipelines::tools
