// The section `kafka`: brokers, group, delivery, and librdkafka's own settings.
#pragma once

#include "pipelines/configuration/config_file.hpp"
#include "pipelines/configuration/configuration.hpp"

namespace chalkstream::pipelines {

/// `present`: the file has one. What is missing keeps its default.
kafka_configuration read_kafka(config_section section, bool present, const config_file& file);

} // namespace chalkstream::pipelines
