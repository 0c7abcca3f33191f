#include "core/error.hpp"

namespace chalkstream {

std::string_view to_string(errc code) noexcept {
  switch (code) {
  case errc::invalid_argument: return "invalid_argument";
  case errc::invalid_configuration: return "invalid_configuration";
  case errc::not_found: return "not_found";
  case errc::unsupported: return "unsupported";
  case errc::corrupt: return "corrupt";
  case errc::io: return "io";
  case errc::unavailable: return "unavailable";
  case errc::timed_out: return "timed_out";
  case errc::fenced: return "fenced";
  case errc::cancelled: return "cancelled";
  case errc::out_of_memory: return "out_of_memory";
  case errc::internal: return "internal";
  }
  return "unknown";
}

std::string to_string(const error& what) {
  std::string text{to_string(what.code)};
  if (!what.message.empty())
    text.append(": ").append(what.message);
  return text;
}

} // namespace chalkstream
