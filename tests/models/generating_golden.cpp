#include "tests/models/generating_golden.hpp"

#include "models/families/generating/generating_family.hpp"
#include "models/generation/make_decoder.hpp"
#include "models/vision/directory_pictures.hpp"
#include "tests/models/device_under_test.hpp"
#include "tests/models/model_folder.hpp"
#include "tests/models/vision_golden.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace chalkstream::models::testing {
namespace {

result<made_decoder> make(const std::filesystem::path& folder, backend by, std::size_t cache_bytes) {
  const auto file = folder / "config.json";
  CHALK_TRY(const auto root, read_json(file));
  const settings configuration(file.string(), root);
  CHALK_TRY(const auto* family, families::generating_family_of(configuration));
  CHALK_TRY(auto opened, tensor_archive::open(folder));
  auto archive = std::make_shared<const tensor_archive>(std::move(opened));
  if (family->describe_recurrent != nullptr) {
    if (by == backend::libtorch)
      return error{errc::unsupported, "recurrent families run by the kernels alone"};
    CHALK_TRY(const auto recurrent, family->describe_recurrent(configuration, *archive));
    return make_lstm_decoder(recurrent, std::move(archive), kernels::best(), cache_bytes, {});
  }
  const auto describe = [&]() -> result<generator_description> {
    if (family->describe_seeing == nullptr)
      return family->describe(configuration, *archive);
    CHALK_TRY(const auto pictures, vision::read_pictures(folder));
    return family->describe_seeing(configuration, *archive, pictures.input);
  };
  CHALK_TRY(const auto described, describe());
  if (by == backend::kernels)
    return make_cpu_decoder(described, std::move(archive), kernels::best(), cache_bytes, {});
  return make_torch_decoder(described, std::move(archive), usable_device_under_test(), cache_bytes, {});
}

} // namespace

std::string name_of(backend by) {
  return by == backend::kernels ? "kernels" : "libtorch";
}

std::vector<std::string> generating_goldens() {
  return {"bart",  "bart_scaled",      "marian",       "marian_own_tables",
          "t5",    "t5_gated",         "gpt2",         "gpt2_by_layer",
          "llama", "llama_scaled",     "llama_linear", "t5_own_output",
          "mbart", "pegasus",          "mt5",          "qwen2",
          "qwen3", "qwen3_own_output", "lstm",         "lstm_dot",
          "trocr", "trocr_sinusoids",  "vit_gpt2",     "swin_gpt2"};
}

std::vector<backend> backends_of(const std::string& model) {
  if (model.starts_with("lstm"))
    return {backend::kernels};
  return {backend::kernels, backend::libtorch};
}

std::filesystem::path generating_golden(const std::string& model) {
  return golden("generating") / model;
}

sequence written_golden::as_source() const {
  sequence s{source, {}};
  s.image = image;
  return s;
}

std::vector<written_golden> written_goldens(const std::string& model) {
  std::ifstream in(generating_golden(model) / "expected.json");
  std::vector<written_golden> cases;
  for (const auto& item : nlohmann::json::parse(in)) {
    written_golden made;
    if (item.contains("source"))
      made.source = item.at("source").get<std::vector<std::int32_t>>();
    if (item.contains("picture")) {
      const auto size = vision::read_pictures(generating_golden(model)).value().input.size;
      made.image = std::make_shared<const picture>(
          picture{size.width, size.height, 3, bytes_of(item.at("picture").get<std::string>())});
    }
    made.ids = item.at("ids").get<std::vector<std::int32_t>>();
    made.logits = item.at("logits").get<std::vector<float>>();
    cases.push_back(std::move(made));
  }
  return cases;
}

std::unique_ptr<const decoder> make_golden_decoder(const std::string& model, backend by, std::size_t cache_bytes) {
  auto made = make(generating_golden(model), by, cache_bytes);
  EXPECT_TRUE(made) << made.error().message;
  return made ? std::move(made->compute) : nullptr;
}

std::unique_ptr<decoder_line> begin_line(const decoder& with, const written_golden& golden) {
  const auto source = golden.as_source();
  const sequence* given = with.source_positions() == 0 ? nullptr : &source;
  return std::move(with.begin({&given, 1}).front());
}

std::vector<float> advance_one(const decoder& with, decoder_line& line, std::span<const std::int32_t> ids) {
  std::vector<float> logits(with.vocabulary());
  const decoder::input input{&line, ids};
  with.advance({&input, 1}, logits);
  return logits;
}

} // namespace chalkstream::models::testing
