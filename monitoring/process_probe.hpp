// What belongs to the process as a whole: its log, its build, and what the kernel says about it.
#pragma once

#include "monitoring/instruments.hpp"

#include <cstddef>
#include <string>

namespace chalkstream::monitoring {

class page;

/// Labels of chalkstream_build_info: versions of the program and of what it is built on.
struct build_facts {
  std::string version;
  std::string caf;
  std::string librdkafka;
  std::string libtorch;
};

class process_probe {
public:
  explicit process_probe(build_facts built) : built_(std::move(built)) {}

  /// The log dropped lines rather than wait for its destination.
  void log_lines_dropped(std::size_t lines) noexcept { lines_dropped_.add(lines); }

  /// Also reads memory, processor time and open files from /proc; what cannot be read is left out.
  void write(page& to) const;

private:
  build_facts built_;
  counter lines_dropped_;
};

} // namespace chalkstream::monitoring
