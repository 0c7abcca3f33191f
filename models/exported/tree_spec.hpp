// The tensors that go into or come out of a compiled program, as its package describes them: the leaves of a tree of
// tuples and dictionaries, written as JSON (torch.utils._pytree, protocol 1).
#pragma once

#include "core/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::models {

/// In the order in which the program has them: the key of each leaf in the dictionary that holds it, or empty.
/// `unsupported` for another protocol, `corrupt` for what is no such description.
result<std::vector<std::string>> leaf_names(std::string_view json);

} // namespace chalkstream::models
