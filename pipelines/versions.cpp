#include "pipelines/versions.hpp"

#include "actors/caf_vocabulary.hpp"
#include "kafka/session.hpp"
#include "models/repository.hpp"

namespace chalkstream::pipelines {

monitoring::build_facts build_facts() {
  return {CHALKSTREAM_VERSION, caf_version(), kafka::library_version(), models::library_version()};
}

} // namespace chalkstream::pipelines
