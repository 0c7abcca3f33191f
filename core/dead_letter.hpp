// What becomes of a rejected record: the original key, value and headers, and the reason beside them.
#pragma once

#include "core/record.hpp"
#include "core/rejection.hpp"
#include "core/result_sink.hpp"

#include <string_view>

namespace chalkstream {

/// Borrows the record's value. `topic` is where it was read, `engine` names program and version.
output make_dead_letter(const record& input, const rejection& why, std::string_view topic, std::string_view engine);

} // namespace chalkstream
