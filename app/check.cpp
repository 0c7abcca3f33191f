#include "app/commands.hpp"
#include "app/console_log.hpp"
#include "app/failure.hpp"
#include "pipelines/service.hpp"

#include <cstdio>

namespace chalkstream::app {

int check(const check_options& options) {
  auto wanted = pipelines::load_configuration(options.configuration);
  if (!wanted)
    return report_failure(wanted.error());
  console_log journal{{.level = log_level::warning}};
  if (auto fine = pipelines::service::check(*wanted, options.offline, journal); !fine)
    return report_failure(fine.error());
  std::printf("%s\n%s: valid\n", pipelines::describe(*wanted).c_str(), wanted->file.c_str());
  return exit_ok;
}

} // namespace chalkstream::app
