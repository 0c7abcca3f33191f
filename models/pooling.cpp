#include "models/pooling.hpp"

#include "models/document.hpp"
#include "models/safetensors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace chalkstream::models {
namespace {

struct mode_name {
  const char* flag; // the older form, one flag a mode
  const char* name; // the newer form, a name or a list of names
  pooling_mode mode;
};
constexpr mode_name mode_names[] = {
    {"pooling_mode_cls_token", "cls", pooling_mode::first_token},
    {"pooling_mode_max_tokens", "max", pooling_mode::maximum},
    {"pooling_mode_mean_tokens", "mean", pooling_mode::mean},
    {"pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", pooling_mode::mean_by_root_length},
};

error unsupported(const settings& s, const std::string& what) {
  return {errc::unsupported, s.file() + ": " + what};
}

result<std::vector<pooling_mode>> named_modes(const settings& s, const json_value& value) {
  std::vector<const json_value*> names{&value};
  if (const auto* list = value.as<json_value::array>()) {
    names.clear();
    for (const auto& name : *list)
      names.push_back(&name);
  }
  if (names.size() > std::size(mode_names))
    return unsupported(s, "there are more pooling modes than this build knows");
  std::vector<pooling_mode> modes;
  for (const auto* name : names) {
    const auto* text = name->as<std::string>();
    const auto* known = std::find_if(std::begin(mode_names), std::end(mode_names),
                                     [&](const mode_name& m) { return text != nullptr && *text == m.name; });
    if (known == std::end(mode_names))
      return unsupported(s, "pooling_mode " + (text ? "'" + *text + "'" : std::string("of that type"))
                                + " is not one this build knows (cls, max, mean, mean_sqrt_len_tokens)");
    modes.push_back(known->mode);
  }
  return modes;
}

result<std::vector<pooling_mode>> flagged_modes(const settings& s, const json_value& object) {
  std::vector<pooling_mode> modes;
  for (const auto& known : mode_names) {
    CHALK_TRY(const auto set, s.flag(known.flag, false));
    if (set)
      modes.push_back(known.mode);
  }
  for (const auto& [name, value] : *object.as<json_value::object>()) {
    const bool known = std::any_of(std::begin(mode_names), std::end(mode_names),
                                   [&, n = std::string_view(name)](const mode_name& m) { return n == m.flag; });
    const auto* set = value.as<bool>();
    if (name.starts_with("pooling_mode_") && !known && set != nullptr && *set)
      return unsupported(s, "'" + name + "' is not one this build knows");
  }
  return modes;
}

result<std::vector<pooling_mode>> read_modes(const std::filesystem::path& file, std::size_t width) {
  CHALK_TRY(const auto root, read_json(file));
  if (root.as<json_value::object>() == nullptr)
    return error{errc::invalid_configuration, file.string() + ": must be an object"};
  const settings s(file.string(), root);
  for (const char* name : {"word_embedding_dimension", "embedding_dimension"}) {
    CHALK_TRY(const auto said, s.whole_number(name, width));
    if (said != width)
      return error{errc::invalid_configuration, file.string() + ": '" + name + "' is " + std::to_string(said)
                                                    + ", the encoder's width is " + std::to_string(width)};
  }
  const auto* newer = s.find("pooling_mode");
  CHALK_TRY(auto modes, newer != nullptr ? named_modes(s, *newer) : flagged_modes(s, root));
  if (modes.empty())
    return error{errc::invalid_configuration, file.string() + ": no pooling mode is set"};
  return modes;
}

result<kernels::activation> dense_activation(const settings& s) {
  CHALK_TRY(const auto name, s.text("activation_function", "torch.nn.modules.activation.Tanh"));
  if (name.ends_with(".Tanh"))
    return kernels::activation::tanh;
  if (name.ends_with(".Identity"))
    return kernels::activation::identity;
  if (name.ends_with(".ReLU"))
    return kernels::activation::relu;
  if (name.ends_with(".GELU"))
    return kernels::activation::gelu;
  return unsupported(s, "activation_function '" + name + "' is not one this build knows");
}

result<dense_step> read_dense(const std::filesystem::path& folder, std::size_t width) {
  const auto file = folder / "config.json";
  CHALK_TRY(const auto root, read_json(file));
  const settings s(file.string(), root);
  dense_step dense;
  CHALK_TRY(dense.in, s.whole_number("in_features", std::nullopt));
  CHALK_TRY(dense.out, s.whole_number("out_features", std::nullopt));
  CHALK_TRY(dense.act, dense_activation(s));
  CHALK_TRY(const auto biased, s.flag("bias", true));
  CHALK_TRY(const auto residual, s.flag("use_residual", false));
  if (residual)
    return unsupported(s, "use_residual true is not supported");
  if (dense.in != width || dense.out == 0)
    return error{errc::invalid_configuration, s.file() + ": takes " + std::to_string(dense.in)
                                                  + " features and gives " + std::to_string(dense.out)
                                                  + "; the module before it gives " + std::to_string(width)};
  CHALK_TRY(const auto archive, tensor_archive::open_file(folder / "model.safetensors"));
  const auto* weight = archive.find("linear.weight");
  const auto* bias = archive.find("linear.bias");
  if (weight == nullptr || weight->shape != std::vector{dense.out, dense.in})
    return error{errc::corrupt, folder.string() + ": tensor 'linear.weight' is missing or not "
                                    + to_string(std::vector{dense.out, dense.in})};
  CHALK_TRY(dense.weight, to_float(*weight));
  dense.bias.assign(dense.out, 0.0f);
  if (biased) {
    if (bias == nullptr || bias->shape != std::vector{dense.out})
      return error{errc::corrupt,
                   folder.string() + ": tensor 'linear.bias' is missing or not " + to_string(std::vector{dense.out})};
    CHALK_TRY(dense.bias, to_float(*bias));
  }
  return dense;
}

// A module's folder is named relative to the model; nothing outside it is read.
bool inside(const std::string& path) {
  const auto normal = std::filesystem::path(path).lexically_normal();
  return !path.empty() && normal.is_relative() && !normal.empty() && *normal.begin() != "..";
}

struct module_entry {
  std::string kind;
  std::string path;
};

result<std::vector<module_entry>> read_modules(const std::filesystem::path& file) {
  CHALK_TRY(const auto root, read_json(file));
  const auto* list = root.as<json_value::array>();
  if (list == nullptr || list->empty())
    return error{errc::invalid_configuration, file.string() + ": must be a list of modules"};
  std::vector<module_entry> modules;
  for (const auto& item : *list) {
    const settings s(file.string(), item);
    module_entry entry;
    CHALK_TRY(const auto type, s.text("type", std::nullopt));
    CHALK_TRY(entry.path, s.text("path", ""));
    entry.kind = type.substr(type.rfind('.') == std::string::npos ? 0 : type.rfind('.') + 1);
    modules.push_back(std::move(entry));
  }
  return modules;
}

void normalise(std::span<float> x) {
  double squares = 0;
  for (const float v : x)
    squares += double{v} * v;
  const auto length = static_cast<float>(std::max(std::sqrt(squares), 1e-12));
  for (float& v : x)
    v /= length;
}

} // namespace

result<pooling_description> read_pooling(const std::filesystem::path& directory, std::size_t encoder_width) {
  const auto file = directory / "modules.json";
  std::error_code none;
  if (!std::filesystem::exists(file, none))
    return pooling_description{};
  CHALK_TRY(const auto modules, read_modules(file));
  if (modules.front().kind != "Transformer" || !modules.front().path.empty())
    return error{errc::unsupported,
                 file.string() + ": the first module must be a Transformer in the model's own folder"};

  pooling_description pooling{{}, {}};
  std::size_t width = encoder_width;
  for (std::size_t i = 1; i < modules.size(); ++i) {
    const auto& [kind, path] = modules[i];
    const bool first = i == 1;
    if (kind == "Normalize" && !first) {
      pooling.steps.push_back({true, {}});
      continue;
    }
    if ((kind != "Pooling" || !first) && (kind != "Dense" || first))
      return error{errc::unsupported,
                   file.string() + ": module " + std::to_string(i) + " '" + kind
                       + "' is not supported there; known are Transformer, Pooling, Dense, Normalize"};
    if (!inside(path))
      return error{errc::invalid_configuration, file.string() + ": module " + std::to_string(i)
                                                    + " has a path that is not inside the model's folder"};
    if (kind == "Pooling") {
      CHALK_TRY(pooling.modes, read_modes(directory / path / "config.json", encoder_width));
      width = encoder_width * pooling.modes.size();
    } else {
      CHALK_TRY(auto dense, read_dense(directory / path, width));
      width = dense.out;
      pooling.steps.push_back({false, std::move(dense)});
    }
  }
  if (pooling.modes.empty())
    return error{errc::unsupported, file.string() + ": there is no Pooling module"};
  return pooling;
}

pooler::pooler(const pooling_description& description, std::size_t encoder_width, const kernels::kernel_table& table)
    : table_(table), encoder_width_(encoder_width), output_width_(encoder_width * description.modes.size()),
      modes_(description.modes) {
  for (const auto& [normalise, dense] : description.steps) {
    step ready{normalise, {}, dense.act};
    if (!normalise) {
      ready.dense = packed_weights(table, dense.in, dense.out);
      ready.dense.fill(table, 0, dense.weight, dense.bias);
      output_width_ = dense.out;
    }
    steps_.push_back(std::move(ready));
  }
}

void pooler::pool_modes(std::span<const float> states, std::vector<float>& vector) const {
  const auto tokens = states.size() / encoder_width_;
  vector.reserve(std::max(encoder_width_ * modes_.size(), output_width_));
  for (const auto mode : modes_) {
    const auto at = vector.size();
    vector.insert(vector.end(), states.begin(), states.begin() + static_cast<std::ptrdiff_t>(encoder_width_));
    float* sum = vector.data() + at;
    if (mode == pooling_mode::first_token)
      continue;
    for (std::size_t t = 1; t < tokens; ++t) {
      const float* row = states.data() + t * encoder_width_;
      if (mode != pooling_mode::maximum) {
        table_.add(sum, row, encoder_width_);
        continue;
      }
      // A NaN stays, so that it is noticed.
      for (std::size_t i = 0; i < encoder_width_; ++i)
        sum[i] = row[i] <= sum[i] ? sum[i] : row[i];
    }
    if (mode == pooling_mode::maximum)
      continue;
    const auto count = static_cast<float>(tokens);
    const float divisor = mode == pooling_mode::mean ? count : std::sqrt(count);
    for (std::size_t i = 0; i < encoder_width_; ++i)
      sum[i] /= divisor;
  }
}

void pooler::pool(std::span<const float> states, std::span<float> out) const {
  std::vector<float> vector;
  pool_modes(states, vector);
  for (const auto& step : steps_) {
    if (step.normalise) {
      normalise(vector);
      continue;
    }
    std::vector<float> next(step.dense.out());
    table_.linear(vector.data(), vector.size(), 1, step.dense.view(), step.act, nullptr, 0, next.data(), next.size());
    vector = std::move(next);
  }
  std::copy(vector.begin(), vector.end(), out.begin());
}

} // namespace chalkstream::models
