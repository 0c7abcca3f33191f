#include "pipelines/tools/scaling/scaling_picture.hpp"

#include "pipelines/tools/evaluation/drawing.hpp"
#include "pipelines/tools/evaluation/markup.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::pipelines::tools {

namespace {

constexpr double width = 920;
constexpr double left = 70;
constexpr double right = 900;
constexpr double panel = 130;
constexpr double gap = 34;
constexpr double top = 40;

struct curve_of {
  const simulation_run* run;
  std::string_view style;
};

// What a panel shows of a moment.
using reading = double (*)(const simulated_moment&);

// 1, 2 or 5 times a power of ten, no less than `value`.
double rounded_up(double value) {
  const auto power = std::pow(10, std::floor(std::log10(std::max(value, 1e-3))));
  for (const auto step : {1.0, 2.0, 5.0})
    if (step * power >= value)
      return step * power;
  return 10 * power;
}

std::string plain(double value) {
  return fixed(value, value < 10 && value != std::floor(value) ? 1 : 0);
}

class panels {
public:
  panels(const scaling_comparison& of)
      : of_(of), on_(width, top + 4 * (panel + gap), of.trace.name + ": arrivals, replicas, drain time and misses") {}

  void draw(std::string_view title, const std::vector<curve_of>& curves, reading read, double least_top) {
    double most = least_top;
    for (const auto& c : curves)
      for (const auto& m : c.run->moments)
        most = std::max(most, read(m));
    most = rounded_up(most);
    const auto bottom = at_ + panel;
    on_.text(left, at_ - 8, title, "start");
    for (const auto share : {0.0, 0.5, 1.0}) {
      const auto y = bottom - share * panel;
      on_.line(left, y, right, y, "faint");
      on_.text(left - 8, y + 4, plain(share * most), "end");
    }
    for (const auto& c : curves) {
      std::vector<std::pair<double, double>> points;
      const auto& moments = c.run->moments;
      for (std::size_t i = 0; i < moments.size(); ++i)
        points.emplace_back(left + (right - left) * static_cast<double>(i) / static_cast<double>(moments.size() - 1),
                            bottom - panel * read(moments[i]) / most);
      on_.curve(points, c.style);
    }
    at_ += panel + gap;
  }

  void mark_time() {
    const auto days = of_.trace.length > 4 * 86400;
    const auto unit = days ? 86400.0 : 3600.0;
    const auto all = of_.trace.length / unit;
    const auto step = rounded_up(all / 12);
    for (double t = 0; t <= all + 1e-9; t += step)
      on_.text(left + (right - left) * t / all, at_ - gap + 16, plain(t) + (days ? " d" : " h"));
  }

  std::string take() && { return std::move(on_).take(); }

private:
  const scaling_comparison& of_;
  drawing on_;
  double at_ = top;
};

} // namespace

std::string scaling_picture(const scaling_comparison& of) {
  std::vector<curve_of> curves{{&of.processor, "processor"}, {&of.lag, "lag"}};
  if (of.fixed)
    curves.push_back({&*of.fixed, "fixed"});
  curves.push_back({&of.ours, "ours"}); // on top
  panels all(of);
  all.draw(
      "records that come, a second", {{&of.ours, "came"}}, [](const simulated_moment& m) { return m.arrivals; }, 1);
  all.draw(
      "replicas", curves, [](const simulated_moment& m) { return static_cast<double>(m.replicas); }, 1);
  all.draw(
      "seconds to drain; the deadline is " + plain(of.trace.work.deadline) + " s", curves,
      [](const simulated_moment& m) { return m.drain; }, 1);
  all.draw(
      "records that missed their deadline", curves,
      [](const simulated_moment& m) { return static_cast<double>(m.misses); }, 1);
  all.mark_time();
  return std::move(all).take();
}

} // namespace chalkstream::pipelines::tools
