// Whether this machine's processor has what a program was compiled for.
#pragma once

#include "core/error.hpp"

#include <string>
#include <string_view>

namespace chalkstream::models {

/// As uname has it: "x86_64".
std::string machine();

/// `instructions` are AOTInductor's words for vector instructions, "AVX512 AVX512_VNNI". `unavailable` names the
/// first that this processor lacks; `unsupported` one that this build does not know to look for.
result<void> check_instructions(std::string_view instructions);

} // namespace chalkstream::models
