// Models from directories as Hugging Face publishes them: config.json, model.safetensors (or its index of shards),
// tokenizer files, and optionally the modules of sentence-transformers.
#pragma once

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/model.hpp"
#include "core/observer.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chalkstream::image {
class preprocessor;
}

namespace chalkstream::models {

struct exported_program;

/// What a row of the model's output is: the pooled text vector, the classifier's logits, or of each token the logits
/// of its class, or of an answer's starting and ending there; or of an image the regions found in it, as
/// loaded_model::finds_regions says. A model that writes has texts instead of rows.
enum class head : std::uint8_t { embedding, logits, token_logits, span_logits, text, regions };

struct load_request {
  /// As the configuration calls it; names the model in results and metrics.
  std::string name;
  std::filesystem::path directory;
  /// Empty: "1".
  std::string version;
  head output = head::embedding;
  /// "cpu", "cuda" or "cuda:1".
  std::string device = "cpu";
  /// For the keys and values of texts that are being written; how many there is room for at once depends on it.
  std::size_t text_cache_bytes = std::size_t{1} << 30;
  /// Where digests of large files are remembered; may be empty.
  std::filesystem::path cache_directory;
  /// What the directory's model.yaml says, if it has one (pipelines/exported_directory).
  std::shared_ptr<const exported_program> program = {};
  /// Whether code that comes with a model is run: an exported program is code.
  bool allow_code = false;
};

/// Of a model that writes, what bounds its prompts.
struct writing_lengths {
  /// The prompt is a source of its own; else it is the beginning of what is written.
  bool has_source = false;
  /// As generation_config.json says.
  std::optional<std::size_t> max_new_tokens;
  std::optional<std::size_t> max_length;
};

/// Of a model of images that has rows for texts, too, in one space with those of images.
struct text_space {
  /// Cosines of an image and texts are multiplied by it before they are logits.
  double scale = 1;
  /// Of a text.
  std::size_t max_tokens = 0;
};

struct loaded_model {
  std::shared_ptr<const model> compute;
  /// Names of the logits, if there is a trained head.
  std::vector<std::string> labels;
  /// "regression", "single_label_classification", "multi_label_classification", or empty if the model does not say.
  std::string problem_type;
  /// Where to cut a text: the smaller of the tokenizer's model_max_length and the model's positions.
  std::size_t max_tokens = 0;
  std::optional<writing_lengths> writing;
  /// Of a model of images, one that writes among them: what makes of a picture the one it takes
  /// (models/image/preprocessor.hpp); else null, and it takes texts.
  std::shared_ptr<const image::preprocessor> pictures;
  std::optional<text_space> texts;
  /// What each image costs it: sequence::image_tokens.
  std::size_t image_tokens = 0;
  /// It takes whole pages as they are, upright and in colour, and gives readings: no pictures, no tokenizer.
  bool reads_pages = false;
  /// It takes images of sizes of their own, and its rows are guesses, end to end: the logits of each label and of
  /// nothing, and the centre x and y, width and height of a box as shares of the image's sides.
  bool finds_regions = false;
  /// A trained head over texts, or over images.
  bool has_classifier = false;
  std::size_t weight_bytes = 0;
};

/// Maps, verifies, digests, packs and warms up; blocks until the model answers at full speed. Reports `model_loaded`
/// and progress ("load <name>"). Errors name the file, tensor or setting that is wrong.
result<loaded_model> load(const load_request& request, observer& watcher, log& journal);

/// Tokens that a prompt of a model that writes may have so that there is room for what is asked for: max_tokens with a
/// source of its own, else less by the new tokens. At least 1.
std::size_t longest_prompt(const loaded_model& loaded, const generation_settings& wanted);

/// Holds a directory against everything load() would check before it touches weights: configuration, weight headers,
/// tensor names and shapes, pooling; of an exported program what its archive says without running it.
result<void> inspect(const load_request& request);
result<void> inspect(const std::filesystem::path& directory);

/// Whether the directory's model takes images rather than texts: to embed or classify them, or to write to them.
result<bool> sees_images(const std::filesystem::path& directory);

/// Whether it is one that finds regions in them: its output is asked for by that name.
result<bool> finds_regions(const std::filesystem::path& directory);

/// LibTorch's, "2.11.0".
std::string library_version();

} // namespace chalkstream::models
