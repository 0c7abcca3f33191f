// What is wrong with a person's files, gathered so that all of it can be mended at once.
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace chalkstream::pipelines::tools {

class mistakes {
public:
  /// "file:line: what". Beyond the first twenty, mistakes are only counted.
  void add(std::string_view file, std::size_t line, std::string_view what);

  bool none() const noexcept { return count_ == 0; }

  /// All of them, a line each. Only if there are some.
  error as_error() const;

private:
  std::size_t count_ = 0;
  std::string text_;
};

} // namespace chalkstream::pipelines::tools
