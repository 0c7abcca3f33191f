#include "models/training/starting_point.hpp"

#include "models/described_directory.hpp"
#include "models/document.hpp"
#include "models/families/configuration.hpp"
#include "models/families/family.hpp"
#include "models/families/family_reader.hpp"
#include "models/training/drawn_tensors.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace chalkstream::models::training {

namespace {

using json = nlohmann::ordered_json;

std::string without(std::string_view prefix, std::string_view name) {
  return std::string(name.starts_with(prefix) ? name.substr(prefix.size()) : name);
}

/// What checkpoints converted from TensorFlow call gamma and beta has modern names since.
std::string modern(std::string name) {
  for (const auto& [old, today] : {std::pair{".gamma", ".weight"}, std::pair{".beta", ".bias"}})
    if (name.ends_with(old))
      name.replace(name.rfind('.'), std::string::npos, today);
  return name;
}

class tensor_collection {
public:
  tensor_collection(const described_directory& base, std::uint64_t seed)
      : base_(base.weights), names_(*base.family->names), tensors_(seed) {}

  void keep_encoder(const encoder_description& encoder) {
    for (const auto* tensor : tensors_of(encoder))
      tensors_.keep(*tensor, std::string(names_.prefix) + modern(without(names_.prefix, tensor->name)));
  }

  /// `trained`: what the directory has under these names may go on.
  void add_linear(const std::string& name, bool inside, std::size_t out, std::size_t in, bool trained,
                  double spread) {
    add(name + ".weight", inside, {out, in}, trained, spread);
    add(name + ".bias", inside, {out}, trained, 0);
  }

  result<std::shared_ptr<const tensor_archive>> archive() && { return std::move(tensors_).archive(base_); }

private:
  void add(const std::string& bare, bool inside, std::vector<std::size_t> shape, bool trained, double spread) {
    const auto name = (inside ? std::string(names_.prefix) : std::string()) + bare;
    const auto* found = base_->find(name);
    if (found == nullptr)
      found = base_->find(bare);
    const bool fits = found != nullptr && found->shape == shape
                      && (found->type == element_type::f32 || found->type == element_type::f16
                          || found->type == element_type::bf16);
    if (trained && fits) {
      tensors_.keep(*found, name);
      return;
    }
    if (spread > 0)
      tensors_.draw_normal(name, std::move(shape), spread);
    else
      tensors_.fill(name, std::move(shape), 0);
  }

  std::shared_ptr<const tensor_archive> base_;
  const families::family_names& names_;
  drawn_tensors tensors_;
};

/// config.json of the base with what the new head makes of it.
result<std::string> configure(const std::string& text, const wanted_model& wanted, std::string_view stem) {
  // Read within bounds already (described_directory).
  auto config = json::parse(text, nullptr, false);
  if (!config.is_object())
    return error{errc::corrupt, (wanted.directory / "config.json").string() + ": is not an object"};
  for (const char* stale : {"architectures", "id2label", "label2id", "num_labels", "problem_type", "_name_or_path",
                            "torch_dtype", "dtype", "finetuning_task", "auto_map"})
    config.erase(stale);
  config["architectures"] = {std::string(stem) + std::string(families::architecture_suffix(wanted.head))};
  if (!wanted.problem_type.empty())
    config["problem_type"] = wanted.problem_type;
  for (std::size_t i = 0; i < wanted.labels.size(); ++i) {
    config["id2label"][std::to_string(i)] = wanted.labels[i];
    config["label2id"][wanted.labels[i]] = i;
  }
  return config.dump(2) + "\n";
}

} // namespace

result<starting_point> start_from(const wanted_model& wanted) {
  CHALK_TRY(const auto base, describe(wanted.directory));
  const auto& names = *base.family->names;
  const auto file = wanted.directory / "config.json";
  starting_point made;
  CHALK_TRY(const auto text, read_text(file));
  CHALK_TRY(made.configuration, configure(text, wanted, names.stem));
  CHALK_TRY(const auto root, parse_json(made.configuration));
  const settings configuration(file.string(), root);

  CHALK_TRY(const auto spread, families::read_rate(configuration, {"initializer_range"}, 0.02));
  const auto& encoder = base.model.encoder;
  const auto outputs = wanted.head == head_kind::span ? std::size_t{2} : wanted.labels.size();
  const auto called = families::names_of(names.head, wanted.head);
  const bool same_task = base.model.head && base.model.head->kind == wanted.head
                         && (wanted.head == head_kind::span || base.model.labels == wanted.labels);
  tensor_collection tensors(base, wanted.seed);
  tensors.keep_encoder(encoder);
  if (!called.pooler.empty())
    tensors.add_linear(called.pooler, called.pooler_inside, encoder.width, encoder.width,
                       called.pooler_inside || same_task, spread);
  tensors.add_linear(called.classifier, false, outputs, encoder.width, same_task, spread);
  CHALK_TRY(made.weights, std::move(tensors).archive());
  // Read as whoever opens the new directory will read it.
  CHALK_TRY(made.model, base.family->describe(configuration, *made.weights));

  CHALK_TRY(made.dropout.states, families::read_rate(configuration, {"hidden_dropout_prob", "dropout"}, 0.1));
  CHALK_TRY(made.dropout.attention,
            families::read_rate(configuration, {"attention_probs_dropout_prob", "attention_dropout"}, 0.1));
  CHALK_TRY(made.head_dropout,
            families::read_rate(configuration, {"classifier_dropout", "cls_dropout", "seq_classif_dropout"},
                                made.dropout.states));
  made.max_tokens = base.max_tokens;
  return made;
}

} // namespace chalkstream::models::training
