// draw: pictures by a model that learnt to draw them, with a bar.
#include "app/commands.hpp"
#include "app/failure.hpp"
#include "app/progress.hpp"

#include <cstdio>
#include <unistd.h>

namespace chalkstream::app {

int draw(const pipelines::tools::draw_settings& settings) {
  const auto made = [&] {
    progress bar{terminal::of(STDERR_FILENO), write_to(STDERR_FILENO)};
    return pipelines::tools::draw_pictures(settings, [&](double done) { bar.update("drawing", done); });
  }();
  if (!made)
    return report_failure(made.error());
  const auto& where = settings.folder.empty() ? settings.sheet : settings.folder;
  std::printf("%s: %zu pictures\n", where.c_str(), *made);
  return exit_ok;
}

} // namespace chalkstream::app
