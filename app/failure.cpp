#include "app/failure.hpp"

#include "app/commands.hpp"

#include <cstdio>

namespace chalkstream::app {

int report_failure(const error& why) {
  std::fprintf(stderr, "chalkstream: %s\n", why.message.c_str());
  switch (why.code) {
  case errc::invalid_argument:
  case errc::invalid_configuration:
  case errc::not_found:
  case errc::unsupported:
  case errc::corrupt: return exit_usage;
  default: return exit_failed;
  }
}

} // namespace chalkstream::app
