#include "models/document.hpp"
#include "models/exported/processor.hpp"
#include "models/exported/program.hpp"
#include "models/exported/program_values.hpp"
#include "models/exported/tree_spec.hpp"

#include <ATen/ATen.h>
#include <caffe2/serialize/inline_container.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>

#include <algorithm>
#include <dlfcn.h>
#include <stdlib.h>
#include <thread>
#include <type_traits>
#include <utility>

namespace chalkstream::models {
namespace {

using torch::inductor::AOTIModelPackageLoader;

// Compiled code holds its inputs against the types and sizes it was compiled for only where this says so, and reads
// foreign memory where they differ and it does not. Set before there are threads: setenv is no thread's friend.
[[maybe_unused]] const int inputs_are_checked = ::setenv("AOTI_RUNTIME_CHECK_INPUTS", "1", 1);

// Compiled code asks for libtorch.so by name (libtorch_name.cpp). If this fails, loading the program says so.
void answer_to_libtorch() {
  [[maybe_unused]] static void* const name = ::dlopen(CHALK_LIBTORCH_NAME, RTLD_LAZY | RTLD_GLOBAL);
}

// Rows and tokens that are free are compiled for two or more: torch.export takes one for a case of its own.
constexpr std::size_t least_of_free = 2;

// The loader's constructor has grown with LibTorch's versions. Several calls may then run at once.
template <class Loader>
std::unique_ptr<Loader> make_loader(const std::string& file, const std::string& model) {
  const std::size_t runners = std::max(1U, std::thread::hardware_concurrency());
  if constexpr (std::is_constructible_v<Loader, std::string, std::string, bool, std::size_t>)
    return std::make_unique<Loader>(file, model, false, runners);
  else
    return std::make_unique<Loader>(file, model);
}

std::string listed(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names)
    all += (all.empty() ? "" : ", ") + (name.empty() ? std::string("one without a name") : "'" + name + "'");
  return all;
}

// Names say which is which; an input without a name is known by its place.
result<void> check_inputs(const std::vector<std::string>& leaves, const exported_program& described) {
  bool same = leaves.size() == described.inputs.size();
  for (std::size_t i = 0; same && i < leaves.size(); ++i)
    same = leaves[i].empty() || leaves[i] == described.inputs[i].name;
  if (same)
    return {};
  return {errc::invalid_configuration,
          "inputs: the program takes " + std::to_string(leaves.size()) + " in this order: " + listed(leaves)};
}

result<std::vector<std::size_t>> find_outputs(const std::vector<std::string>& leaves,
                                              const std::vector<output_place>& places) {
  std::vector<std::size_t> found;
  for (const auto& place : places) {
    const auto at =
        place.key.empty()
            ? place.index
            : static_cast<std::size_t>(std::find(leaves.begin(), leaves.end(), place.key) - leaves.begin());
    if (at >= leaves.size())
      return error{errc::invalid_configuration,
                   "the program has no output " + (place.key.empty() ? std::to_string(at) : "'" + place.key + "'")
                       + "; it gives " + std::to_string(leaves.size()) + ": " + listed(leaves)};
    found.push_back(at);
  }
  return found;
}

class compiled_program final : public program {
public:
  compiled_program(std::unique_ptr<AOTIModelPackageLoader> loader, std::vector<std::size_t> outputs,
                   std::size_t least)
      : loader_(std::move(loader)), outputs_(std::move(outputs)), least_(least) {}

  result<std::vector<program_result>> run(std::span<const program_argument> arguments, std::size_t rows,
                                          std::size_t tokens) const override {
    const c10::InferenceMode no_gradients;
    std::vector<at::Tensor> inputs;
    for (const auto& argument : arguments)
      inputs.push_back(to_tensor(argument, rows, tokens));
    const auto given = computed(inputs, rows, tokens);
    if (!given)
      return given.error();
    std::vector<program_result> results;
    for (const auto place : outputs_) {
      if (place >= given->size())
        return error{errc::corrupt,
                     "the program gave " + std::to_string(given->size()) + " tensors, fewer than it says"};
      CHALK_TRY(auto values, to_result((*given)[place], "output " + std::to_string(place)));
      results.push_back(std::move(values));
    }
    return results;
  }

  std::size_t least() const noexcept override { return least_; }

private:
  // The reason itself reaches standard error alone, from within the compiled code.
  result<std::vector<at::Tensor>> computed(const std::vector<at::Tensor>& inputs, std::size_t rows,
                                           std::size_t tokens) const {
    try {
      return loader_->run(inputs);
    } catch (const c10::OutOfMemoryError&) {
      throw;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception&) {
      return {errc::internal, "the compiled program failed with " + std::to_string(rows) + " rows of "
                                  + std::to_string(tokens)
                                  + " tokens; were its dtypes, sizes and tables' rows what model.yaml says? LibTorch "
                                    "wrote the reason to standard error"};
    }
  }

  std::unique_ptr<AOTIModelPackageLoader> loader_;
  std::vector<std::size_t> outputs_;
  std::size_t least_;
};

result<void> check_metadata(const settings& said) {
  CHALK_TRY(const auto where, said.text("AOTI_DEVICE_KEY", ""));
  CHALK_TRY(const auto system, said.text("AOTI_PLATFORM", "linux"));
  CHALK_TRY(const auto processor, said.text("AOTI_MACHINE", machine()));
  CHALK_TRY(const auto instructions, said.text("AOTI_CPU_ISA", ""));
  if (where != "cpu")
    return {errc::unsupported, "was compiled for the device '" + where + "'; this build runs programs on CPUs"};
  if (system != "linux")
    return {errc::unavailable, "was compiled for the system '" + system + "', and this is linux"};
  if (processor != machine())
    return {errc::unavailable,
            "was compiled for a processor of the kind " + processor + ", and this is " + machine()};
  return check_instructions(instructions);
}

} // namespace

result<void> check_compiled(const std::filesystem::path& file, const std::string& model) {
  caffe2::serialize::PyTorchStreamReader reader(file.string());
  bool said = false;
  for (const auto& name : reader.getAllRecords()) {
    if (name.find("data/aotinductor/" + model + "/") == std::string::npos || !name.ends_with("_metadata.json"))
      continue;
    const auto [bytes, size] = reader.getRecord(name);
    CHALK_TRY(const auto root, parse_json({static_cast<const char*>(bytes.get()), size}));
    CHALK_CHECK(check_metadata(settings(name, root)));
    said = true;
  }
  return said ? result<void>() : result<void>(errc::unsupported, "the package does not say what it was compiled for");
}

result<std::unique_ptr<const program>> load_compiled(const std::filesystem::path& file, const std::string& model,
                                                     const exported_program& described) {
  CHALK_CHECK(check_compiled(file, model));
  std::unique_ptr<AOTIModelPackageLoader> loader;
  answer_to_libtorch();
  try {
    loader = make_loader<AOTIModelPackageLoader>(file.string(), model);
  } catch (const c10::Error& e) {
    return error{errc::unavailable, "cannot be loaded; was it compiled by PyTorch " + library_version()
                                        + "? LibTorch: " + e.what_without_backtrace()};
  }
  const auto specs = loader->get_call_spec();
  if (specs.size() != 2)
    return error{errc::unsupported, "the package does not say what goes in and comes out"};
  CHALK_TRY(const auto inputs, leaf_names(specs[0]));
  CHALK_TRY(const auto outputs, leaf_names(specs[1]));
  CHALK_CHECK(check_inputs(inputs, described));
  CHALK_TRY(auto places, find_outputs(outputs, described.places));
  return std::unique_ptr<const program>(
      std::make_unique<compiled_program>(std::move(loader), std::move(places), least_of_free));
}

} // namespace chalkstream::models
