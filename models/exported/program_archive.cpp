#include "models/exported/program_archive.hpp"

#include <caffe2/serialize/inline_container.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

namespace chalkstream::models {
namespace {

error unsupported(const std::filesystem::path& file, const std::string& what) {
  return {errc::unsupported, file.string() + ": " + what};
}

// A package's models are folders in one folder of the archive.
std::set<std::string> compiled_models(const std::vector<std::string>& records) {
  constexpr std::string_view folder = "data/aotinductor/";
  std::set<std::string> names;
  for (const auto& record : records) {
    const auto at = record.find(folder);
    const auto end = at == std::string::npos ? at : record.find('/', at + folder.size());
    if (end != std::string::npos)
      names.insert(record.substr(at + folder.size(), end - at - folder.size()));
  }
  return names;
}

} // namespace

result<program_archive> open_program_archive(const std::filesystem::path& file) {
  caffe2::serialize::PyTorchStreamReader reader(file.string());
  const auto records = reader.getAllRecords();
  if (const auto models = compiled_models(records); models.size() == 1 || models.contains("model"))
    return program_archive{archive_kind::compiled, models.size() == 1 ? *models.begin() : "model"};
  else if (!models.empty())
    return unsupported(file,
                       "holds " + std::to_string(models.size()) + " compiled models, and none is called 'model'");
  const auto has = [&](std::string_view name) {
    return std::any_of(records.begin(), records.end(), [name](const auto& record) { return record == name; });
  };
  if (has("constants.pkl"))
    return program_archive{};
  if (has("models/model.json") || has("serialized_exported_program.json"))
    return unsupported(file, "holds a program of torch.export that has not been compiled, and only Python could run "
                             "it; compile it: python -c \"import torch; torch.set_num_threads(1); "
                             "torch._inductor.aoti_compile_and_package(torch.export.load('"
                                 + file.filename().string() + "'), package_path='compiled.pt2')\"");
  if (has("data.pkl"))
    return unsupported(file, "holds pickled objects (torch.save), which are never read; export the model with "
                             "torch.jit.trace(…).save or torch._inductor.aoti_compile_and_package");
  return unsupported(file, "holds neither TorchScript (torch.jit.save) nor a program that AOTInductor compiled "
                           "(torch._inductor.aoti_compile_and_package)");
}

} // namespace chalkstream::models
