#include "models/exported/exported_directory.hpp"

#include "models/device.hpp"
#include "models/exported/exported_model.hpp"
#include "models/exported/program_archive.hpp"
#include "models/loading.hpp"

#include <ATen/Parallel.h>
#include <c10/util/Exception.h>

#include <string>
#include <utility>

namespace chalkstream::models {
namespace {

struct opened_program {
  std::filesystem::path file;
  file_stamp stamp;
  program_archive archive;
};

result<opened_program> open(const load_request& request) {
  const auto& directory = request.directory;
  if (request.program == nullptr)
    return error{errc::invalid_argument, directory.string() + ": has a model.yaml that was not read"};
  if (!request.allow_code)
    return error{
        errc::invalid_configuration,
        directory.string() + ": its model.yaml asks to run " + request.program->file
            + ", and an exported program is code: say allow_code: true of the model (infer: --allow-code) if "
              "you trust where it came from"};
  CHALK_TRY(const auto where, parse_device(request.device));
  if (where.kind != device_kind::cpu)
    return error{errc::invalid_configuration, directory.string() + ": exported programs run on a CPU alone"};
  opened_program found;
  found.file = directory / request.program->file;
  CHALK_TRY(found.stamp, stamp_of(found.file));
  try {
    CHALK_TRY(found.archive, open_program_archive(found.file));
    if (found.archive.kind == archive_kind::compiled)
      if (const auto fits = check_compiled(found.file, found.archive.model); !fits)
        return error{fits.error().code, found.file.string() + ": " + fits.error().message};
  } catch (const c10::Error& e) {
    return error{errc::corrupt, found.file.string() + ": " + e.what_without_backtrace()};
  }
  return found;
}

result<std::unique_ptr<const program>> load_program(const opened_program& opened, const exported_program& described) {
  try {
    auto loaded = opened.archive.kind == archive_kind::torchscript
                      ? load_torchscript(opened.file, described)
                      : load_compiled(opened.file, opened.archive.model, described);
    if (!loaded)
      return error{loaded.error().code, opened.file.string() + ": " + loaded.error().message};
    return loaded;
  } catch (const c10::Error& e) {
    return error{errc::corrupt, opened.file.string() + ": " + e.what_without_backtrace()};
  }
}

std::string problem_type_of(const exported_program& described) {
  if (described.output == program_output::scores)
    return "regression";
  if (described.output != program_output::class_logits)
    return "";
  return described.multi_label ? "multi_label_classification" : "single_label_classification";
}

std::vector<std::string> labels_of(const exported_program& described, std::size_t width) {
  auto labels = described.labels;
  if (labels.empty() && head_of(described.output) != head::embedding)
    for (std::size_t i = 0; i < width; ++i)
      labels.push_back("LABEL_" + std::to_string(i));
  return labels;
}

} // namespace

result<bool> is_exported(const std::filesystem::path& directory) {
  std::error_code none;
  return std::filesystem::exists(directory / "model.yaml", none);
}

result<loaded_model> load_exported_model(const load_request& request, observer& watcher) {
  CHALK_TRY(const auto opened, open(request));
  const auto& described = *request.program;
  if (request.output != head_of(described.output))
    return error{errc::invalid_configuration, request.directory.string() + ": its program gives "
                                                  + std::string(to_string(described.output))
                                                  + " (model.yaml), and something else is asked of it"};
  const std::string step = "load " + request.name;
  watcher.progress(step, 0);
  at::set_num_threads(1);
  exported_model::parts parts;
  parts.described = described;
  CHALK_TRY(parts.compute, load_program(opened, described));
  CHALK_TRY(const auto digest, digest_of(request, {&opened.stamp, 1}));
  parts.identity = identity_of(request, digest);
  const auto ready = exported_model::make(std::move(parts));
  if (!ready)
    return error{ready.error().code, request.directory.string() + ": " + ready.error().message};
  CHALK_CHECK(warm_up(**ready));
  watcher.progress(step, 1);

  loaded_model loaded;
  loaded.compute = *ready;
  loaded.labels = labels_of(described, (*ready)->output_width());
  loaded.problem_type = problem_type_of(described);
  loaded.has_classifier = request.output == head::logits;
  loaded.weight_bytes = opened.stamp.size;
  CHALK_TRY(loaded.max_tokens, tokenizer_limit(request.directory, described.max_tokens));
  return loaded;
}

result<void> inspect_exported_model(const load_request& request) {
  CHALK_TRY(const auto opened, open(request));
  return {};
}

} // namespace chalkstream::models
