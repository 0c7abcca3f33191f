// What the log says of single records: where one lies, what became of it, and its trace's id where it has one. Never
// whose it is, nor what is in it: the detail of a rejection stays with the dead letter.
//
// Any record may be broken, so lines are allowed by the stretch of time; what was left out is counted in the next.
#pragma once

#include "actors/flight.hpp"
#include "core/error.hpp"
#include "core/line_allowance.hpp"
#include "core/log.hpp"

#include <string_view>

namespace chalkstream::actors {

class record_log {
public:
  static constexpr std::size_t lines = 20;
  static constexpr auto stretch = std::chrono::seconds(10);

  /// Both outlive it.
  record_log(log& journal, const clock& time) : journal_(journal), time_(time), allowance_(lines, stretch) {}

  /// Nobody answers for it: it was refused, shed, failed, or ended the process. `own` is null if we do not trace it.
  void dead_letter(const pipeline_route& route, const record& input, const rejection& why, const journey* own);

  /// It failed by itself, in its step or in the model, and runs once more.
  void tried_again(const flight& f, stage where, errc why);

  /// `what` failed on several at once, which are tried apart next: the guilty one fails alone.
  void split(std::string_view component, std::string_view what, const flights& batch, errc why);

private:
  template <class Line>
  void write(log_level level, std::string_view component, const Line& make);

  log& journal_;
  const clock& time_;
  line_allowance allowance_;
};

} // namespace chalkstream::actors
