#include "monitoring/process_probe.hpp"

#include "monitoring/page.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <system_error>
#include <unistd.h>

namespace chalkstream::monitoring {

namespace {

constexpr family build_info{"chalkstream_build_info", "Always 1; its labels say what is running.", metric_type::info};
constexpr family dropped{"chalkstream_log_lines_dropped_total", "Log lines dropped because nobody read them in time.",
                         metric_type::counter};
constexpr family resident{"process_resident_memory_bytes", "Resident memory.", metric_type::gauge};
constexpr family cpu{"process_cpu_seconds_total", "User and system processor time.", metric_type::counter};
constexpr family started{"process_start_time_seconds", "Start of the process since the epoch.", metric_type::gauge};
constexpr family open_fds{"process_open_fds", "Open file descriptors.", metric_type::gauge};

struct kernel_view {
  double resident_bytes = 0;
  double cpu_seconds = 0;
  double start_seconds = 0;
};

// The kernel's time of boot, in seconds since the epoch.
std::optional<double> boot_time() {
  std::ifstream file("/proc/stat");
  std::string word;
  for (double value = 0; file >> word;)
    if (word == "btime" && file >> value)
      return value;
  return {};
}

// proc(5): the name in field 2 may hold anything, so counting starts behind its last bracket, at field 3.
std::optional<kernel_view> look() {
  std::ifstream file("/proc/self/stat");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const auto behind = text.rfind(')');
  if (behind == std::string::npos)
    return {};
  std::istringstream fields(text.substr(behind + 1));
  double user = 0, system = 0, start = 0, pages = 0;
  std::string field;
  for (int n = 3; n <= 24 && fields >> field; ++n) {
    if (n == 14)
      user = std::stod(field);
    else if (n == 15)
      system = std::stod(field);
    else if (n == 22)
      start = std::stod(field);
    else if (n == 24)
      pages = std::stod(field);
  }
  const auto boot = boot_time();
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  if (!fields || !boot || ticks <= 0)
    return {};
  return kernel_view{pages * static_cast<double>(sysconf(_SC_PAGESIZE)), (user + system) / ticks,
                     *boot + start / ticks};
}

std::optional<double> count_open_files() {
  std::error_code failed;
  std::filesystem::directory_iterator at("/proc/self/fd", failed);
  if (failed)
    return {};
  double n = -1; // the one that does the looking
  for (; !failed && at != std::filesystem::directory_iterator{}; at.increment(failed))
    ++n;
  return n;
}

} // namespace

void process_probe::write(page& to) const {
  to.add(build_info,
         {{"version", built_.version},
          {"caf", built_.caf},
          {"librdkafka", built_.librdkafka},
          {"libtorch", built_.libtorch}},
         1);
  to.add(dropped, {}, lines_dropped_);
  if (const auto seen = look()) {
    to.add(resident, {}, seen->resident_bytes);
    to.add(cpu, {}, seen->cpu_seconds);
    to.add(started, {}, seen->start_seconds);
  }
  if (const auto files = count_open_files())
    to.add(open_fds, {}, *files);
}

} // namespace chalkstream::monitoring
