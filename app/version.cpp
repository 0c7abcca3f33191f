#include "app/version.hpp"

#include "pipelines/versions.hpp"

namespace chalkstream::app {

std::string version_text() {
  const auto facts = pipelines::build_facts();
  return "chalkstream " + facts.version + " (CAF " + facts.caf + ", librdkafka " + facts.librdkafka + ", LibTorch "
         + facts.libtorch + ")";
}

} // namespace chalkstream::app
