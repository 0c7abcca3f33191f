// Two files in a folder of the test's own, and what evaluating them gives.
#pragma once

#include "pipelines/tools/evaluation/evaluation.hpp"

#include <gmock/gmock.h>

namespace chalkstream::pipelines::tools {

class evaluation_fixture : public testing::Test {
protected:
  evaluation_fixture();
  ~evaluation_fixture() override;

  /// Of these lines, with `settings`' paths replaced.
  result<evaluation> evaluated(evaluated_task task, std::string_view predictions, std::string_view references,
                               evaluation_settings settings = {});

  /// The error's message, the folder's name removed.
  std::string told(evaluated_task task, std::string_view predictions, std::string_view references,
                   evaluation_settings settings = {});

private:
  std::filesystem::path folder_;
};

} // namespace chalkstream::pipelines::tools
