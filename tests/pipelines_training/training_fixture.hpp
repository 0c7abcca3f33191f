// A folder of the test's own with data files and small models that can learn.
#pragma once

#include "pipelines/tools/training/training.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines::tools {

class training_fixture : public testing::Test {
protected:
  training_fixture();
  ~training_fixture() override;

  std::filesystem::path write(const std::string& name, std::string_view text) const;
  std::string read(const std::filesystem::path& name) const;
  std::filesystem::path path(const std::string& name) const { return folder_ / name; }

  /// A golden model of tests/models with the tokenizer of its size, as a directory to start from.
  std::filesystem::path model(const std::string& golden) const;

  /// Trains to the end, and again for each of the stops: after so many steps, and then on. These files of the run's
  /// folder must be the same to the last byte.
  void expect_the_same_bytes_when_stopped(training_settings settings, const std::vector<std::size_t>& stops,
                                          const std::vector<std::string>& files) const;

  /// An error's message with the folder's name removed.
  std::string told(const error& why) const;

private:
  std::filesystem::path folder_;
};

/// Sentences about water are "wet", those about light "bright"; `question` says what belongs together.
std::string easy_rows(std::size_t count);

} // namespace chalkstream::pipelines::tools
