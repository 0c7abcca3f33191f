#include "actors/record_log.hpp"

namespace chalkstream::actors {

namespace {

constexpr std::size_t traces_named = 4; // of a batch

struct line {
  std::string text;
  std::string trace;
};

std::string place_of(const pipeline_route& route, const record& input) {
  return route.topic + "/" + std::to_string(input.partition) + "/" + std::to_string(input.offset);
}

// The trace we write, or the one the record came with.
std::string trace_of(const record& input, const journey* own) {
  const auto context = own != nullptr ? std::optional(own->own) : context_of(input);
  return context ? hex(context->trace) : std::string{};
}

// The others say something of the record, these of us.
log_level level_of(reject_reason why) {
  switch (why) {
  case reject_reason::prepare_failed:
  case reject_reason::model_failed:
  case reject_reason::crashed_process:
    return log_level::warning;
  default:
    return log_level::info;
  }
}

} // namespace

// The line is made only where one is allowed.
template <class Line>
void record_log::write(log_level level, std::string_view component, const Line& make) {
  const auto left_out = allowance_.ask(time_.now());
  if (!left_out)
    return;
  auto [text, trace] = make();
  if (*left_out > 0)
    text += "; " + std::to_string(*left_out) + " lines about other records were left out";
  journal_.write_traced(level, component, text, trace);
}

void record_log::dead_letter(const pipeline_route& route, const record& input, const rejection& why,
                             const journey* own) {
  write(level_of(why.reason), route.name, [&] {
    auto text = "dead letter: " + place_of(route, input) + ", ";
    text.append(to_string(why.reason)).append(" at ").append(to_string(why.where));
    if (why.attempts > 1)
      text += ", attempt " + std::to_string(why.attempts);
    return line{text, trace_of(input, own)};
  });
}

void record_log::tried_again(const flight& f, stage where, errc why) {
  write(log_level::warning, f.route->name, [&] {
    auto text = "tried again: " + place_of(*f.route, f.input) + ", failed at ";
    text.append(to_string(where)).append(" (").append(to_string(why)).append(")");
    text.append(", attempt ").append(std::to_string(f.failures));
    return line{text, trace_of(f.input, f.trace.get())};
  });
}

void record_log::split(std::string_view component, std::string_view what, const flights& batch, errc why) {
  write(log_level::warning, component, [&] {
    auto text = std::string(what) + " failed on " + std::to_string(batch.size()) + " records (";
    text.append(to_string(why)).append("), which are tried apart");
    std::size_t named = 0;
    for (const auto& f : batch) {
      const auto trace = trace_of(f->input, f->trace.get());
      if (!trace.empty() && named++ < traces_named)
        text += " trace_id=" + trace;
    }
    return line{text, {}};
  });
}

} // namespace chalkstream::actors
