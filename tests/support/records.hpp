// Records that own their bytes, for tests to build.
#pragma once

#include "core/record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chalkstream::test {

record make_record(std::int32_t partition, std::int64_t offset, std::optional<std::string> key,
                   std::optional<std::string> value, std::vector<header> headers = {}, wall_time timestamp = {});

} // namespace chalkstream::test
