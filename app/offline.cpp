// infer and tokenize: files or standard streams around the offline tools.
#include "app/commands.hpp"
#include "app/failure.hpp"
#include "pipelines/tools/infer.hpp"
#include "pipelines/tools/tokenize.hpp"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <thread>

namespace chalkstream::app {

namespace {

class streams {
public:
  streams(const std::filesystem::path& input, const std::filesystem::path& output) {
    std::ios::sync_with_stdio(false);
    if (!input.empty())
      in_file_.open(input, std::ios::binary);
    if (!output.empty())
      out_file_.open(output, std::ios::binary | std::ios::trunc);
    in_ = input.empty() ? &std::cin : &in_file_;
    out_ = output.empty() ? &std::cout : &out_file_;
  }

  bool ready() const { return in_->good() && out_->good(); }
  std::istream& in() { return *in_; }
  std::ostream& out() { return *out_; }

private:
  std::ifstream in_file_;
  std::ofstream out_file_;
  std::istream* in_;
  std::ostream* out_;
};

} // namespace

int infer(const infer_options& options) {
  streams files{options.input, options.output};
  if (!files.ready())
    return report_failure({errc::io, "the input or output file cannot be opened"});
  pipelines::tools::infer_settings settings;
  settings.model = options.model;
  settings.task = *pipelines::tools::infer_task_from(options.task);
  settings.device = options.device;
  const bool gpu = options.device.starts_with("cuda");
  const std::size_t usual_slots = gpu ? 2 : std::max(1U, std::thread::hardware_concurrency());
  settings.slots = options.slots > 0 ? options.slots : usual_slots;
  settings.allow_code = options.allow_code;
  const std::size_t usual_budget = gpu ? std::size_t{1} << 14 : settings.token_budget;
  settings.token_budget = options.token_budget > 0 ? options.token_budget : usual_budget;
  settings.split = options.lines == "split" ? pipelines::page_split::lines : pipelines::page_split::whole;
  settings.annotations = options.annotations;
  settings.regions_above = options.regions_above;
  settings.summary.sentences = options.sentences;
  settings.writing.prefix = options.prefix;
  settings.writing.target_language = options.target_language;
  settings.writing.generation = options.writing;
  settings.neighbours = options.neighbours;
  settings.span.stride = options.stride;
  settings.span.longest = options.answer_tokens;
  settings.no_answer_below = options.no_answer_below;
  auto done = pipelines::tools::infer(files.in(), files.out(), settings, observer::none(), log::none());
  if (!done)
    return report_failure(done.error());
  if (done->rejected > 0)
    std::fprintf(stderr, "chalkstream: %llu lines were answered, %llu were not understood\n",
                 static_cast<unsigned long long>(done->answered), static_cast<unsigned long long>(done->rejected));
  return exit_ok;
}

int tokenize(const tokenize_options& options) {
  streams files{options.input, options.output};
  if (!files.ready())
    return report_failure({errc::io, "the input or output file cannot be opened"});
  auto done = pipelines::tools::tokenize(files.in(), files.out(), options.model);
  if (!done)
    return report_failure(done.error());
  if (*done > 0)
    std::fprintf(stderr, "chalkstream: %d lines were not understood\n", *done);
  return exit_ok;
}

} // namespace chalkstream::app
