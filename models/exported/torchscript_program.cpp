#include "models/exported/program.hpp"
#include "models/exported/program_values.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <utility>

namespace chalkstream::models {
namespace {

std::string name_of(const output_place& place) {
  return place.key.empty() ? "output " + std::to_string(place.index) : "output '" + place.key + "'";
}

error no_such(const output_place& place, const std::string& has) {
  return {errc::invalid_configuration, "the program has no " + name_of(place) + "; it gives " + has};
}

result<at::Tensor> pick_key(const c10::IValue& given, const output_place& place) {
  if (!given.isGenericDict())
    return no_such(place, "no dictionary (say output.index)");
  const auto tensors = given.toGenericDict();
  std::string keys;
  for (const auto& entry : tensors) {
    if (!entry.key().isString())
      continue;
    if (entry.key().toStringRef() == place.key && entry.value().isTensor())
      return entry.value().toTensor();
    keys += (keys.empty() ? "'" : ", '") + entry.key().toStringRef() + "'";
  }
  return no_such(place, keys);
}

result<at::Tensor> pick(const c10::IValue& given, const output_place& place) {
  if (!place.key.empty())
    return pick_key(given, place);
  if (given.isTensor() && place.index == 0)
    return given.toTensor();
  if (given.isTensorList() && place.index < given.toTensorVector().size())
    return given.toTensorVector()[place.index];
  if (given.isGenericDict())
    return no_such(place, "a dictionary (say output.key)");
  if (!given.isTuple())
    return no_such(place, given.isTensor() ? "one tensor" : given.tagKind());
  const auto& elements = given.toTupleRef().elements();
  if (place.index < elements.size() && elements[place.index].isTensor())
    return elements[place.index].toTensor();
  return no_such(place, "a tuple of " + std::to_string(elements.size()));
}

class torchscript_program final : public program {
public:
  torchscript_program(torch::jit::Method forward, torch::jit::Module module, std::vector<output_place> places)
      : module_(std::move(module)), forward_(std::move(forward)), places_(std::move(places)) {}

  result<std::vector<program_result>> run(std::span<const program_argument> arguments, std::size_t rows,
                                          std::size_t tokens) const override {
    const c10::InferenceMode no_gradients;
    // The optimiser would time the first calls and specialise by them: every call is to compute alike.
    const torch::jit::GraphOptimizerEnabledGuard as_written(false);
    torch::jit::Kwargs by_name;
    for (const auto& argument : arguments)
      by_name.emplace(argument.input->name, to_tensor(argument, rows, tokens));
    const auto given = forward_({}, by_name);
    std::vector<program_result> results;
    for (const auto& place : places_) {
      CHALK_TRY(const auto tensor, pick(given, place));
      CHALK_TRY(auto values, to_result(tensor, name_of(place)));
      results.push_back(std::move(values));
    }
    return results;
  }

  std::size_t least() const noexcept override { return 1; }

private:
  torch::jit::Module module_; // owns what the method runs
  torch::jit::Method forward_;
  std::vector<output_place> places_;
};

result<void> check_arguments(const c10::FunctionSchema& schema, const exported_program& described) {
  std::string names;
  for (const auto& argument : schema.arguments())
    if (argument.name() != "self")
      names += (names.empty() ? "" : ", ") + argument.name();
  const auto wrong = [&](const std::string& what) {
    return error{errc::invalid_configuration, what + "; the program's inputs are " + names};
  };
  for (const auto& input : described.inputs)
    if (!schema.argumentIndexWithName(input.name) || input.name == "self")
      return wrong("inputs: there is no '" + input.name + "'");
  for (const auto& argument : schema.arguments()) {
    const bool given = argument.name() == "self" || argument.default_value()
                       || std::any_of(described.inputs.begin(), described.inputs.end(),
                                      [&](const auto& input) { return input.name == argument.name(); });
    if (!given)
      return wrong("inputs: '" + argument.name() + "' is missing");
  }
  return {};
}

} // namespace

result<std::unique_ptr<const program>> load_torchscript(const std::filesystem::path& file,
                                                        const exported_program& described) {
  auto module = torch::jit::load(file.string(), at::Device(at::kCPU));
  module.eval();
  const auto forward = module.find_method("forward");
  if (!forward)
    return error{errc::invalid_configuration, "the program has no method 'forward'"};
  CHALK_CHECK(check_arguments(forward->function().getSchema(), described));
  return std::unique_ptr<const program>(
      std::make_unique<torchscript_program>(*forward, std::move(module), described.places));
}

} // namespace chalkstream::models
