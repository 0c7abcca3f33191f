#include "tests/pipelines_evaluation/evaluation_fixture.hpp"

#include <fstream>
#include <stdlib.h>

namespace chalkstream::pipelines::tools {

evaluation_fixture::evaluation_fixture() {
  auto name = (std::filesystem::temp_directory_path() / "evaluation-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    throw std::runtime_error{"no temporary folder"};
  folder_ = name;
}

evaluation_fixture::~evaluation_fixture() {
  std::filesystem::remove_all(folder_);
}

result<evaluation> evaluation_fixture::evaluated(evaluated_task task, std::string_view predictions,
                                                 std::string_view references, evaluation_settings settings) {
  settings.task = task;
  settings.predictions = folder_ / "p";
  settings.references = folder_ / "r";
  std::ofstream{settings.predictions, std::ios::binary} << predictions;
  std::ofstream{settings.references, std::ios::binary} << references;
  return evaluate(settings);
}

std::string evaluation_fixture::told(evaluated_task task, std::string_view predictions, std::string_view references,
                                     evaluation_settings settings) {
  const auto made = evaluated(task, predictions, references, std::move(settings));
  if (made)
    return "accepted";
  auto message = made.error().message;
  const auto prefix = folder_.string() + "/";
  for (auto at = message.find(prefix); at != std::string::npos; at = message.find(prefix, at))
    message.erase(at, prefix.size());
  return message;
}

} // namespace chalkstream::pipelines::tools
