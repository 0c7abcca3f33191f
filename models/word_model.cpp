#include "models/word_model.hpp"

#include "models/device.hpp"
#include "models/loading.hpp"
#include "models/text/word_tokenizer.hpp"
#include "models/text/word_vector_file.hpp"

#include <cmath>
#include <limits>
#include <new>
#include <utility>

namespace chalkstream::models {
namespace {

// A text costs no more than its words: the limit is what a batch may sensibly hold.
constexpr std::size_t longest_text = 1 << 16;

class word_model final : public model {
public:
  word_model(text::word_vectors vectors, bool normalize, std::shared_ptr<const model_identity> identity)
      : vectors_(std::move(vectors)), normalize_(normalize), identity_(std::move(identity)) {}

  std::shared_ptr<const model_identity> identity() const override { return identity_; }
  std::size_t max_tokens() const noexcept override { return longest_text; }
  std::size_t output_width() const noexcept override { return vectors_.width(); }

  result<output_rows> run(std::span<const sequence* const> batch, crew*) const override {
    try {
      output_rows rows;
      rows.width = vectors_.width();
      rows.values.resize(batch.size() * rows.width);
      for (std::size_t k = 0; k < batch.size(); ++k) {
        const std::span<float> row(rows.values.data() + k * rows.width, rows.width);
        vectors_.mean(batch[k]->ids, row);
        if (normalize_)
          make_unit(row);
      }
      return rows;
    } catch (const std::bad_alloc&) {
      return error{errc::out_of_memory, "a batch of " + std::to_string(batch.size()) + " texts does not fit"};
    }
  }

private:
  static void make_unit(std::span<float> row) {
    double sum = 0;
    for (const float each : row)
      sum += static_cast<double>(each) * static_cast<double>(each);
    if (sum > 0)
      for (float& each : row)
        each = static_cast<float>(static_cast<double>(each) / std::sqrt(sum));
  }

  text::word_vectors vectors_;
  bool normalize_;
  std::shared_ptr<const model_identity> identity_;
};

error in(const std::filesystem::path& directory, const error& what) {
  return {what.code, directory.string() + ": " + what.message};
}

} // namespace

result<loaded_model> load_word_model(const load_request& request, observer& watcher) {
  if (request.output != head::embedding)
    return error{errc::invalid_configuration, request.directory.string() + ": word vectors have no trained head"};
  CHALK_TRY(const auto where, parse_device(request.device));
  if (where.kind != device_kind::cpu)
    return error{errc::invalid_configuration, request.directory.string() + ": word vectors run on a CPU alone"};
  const std::string step = "load " + request.name;
  watcher.progress(step, 0);
  const auto settings = text::read_word_settings(request.directory);
  if (!settings)
    return in(request.directory, settings.error());
  CHALK_TRY(const auto vectors_file, stamp_of(text::vectors_in(request.directory)));
  CHALK_TRY(const auto digest, digest_of(request, {&vectors_file, 1}));
  auto vectors = text::load_vectors(request.directory);
  if (!vectors)
    return in(request.directory, vectors.error());
  loaded_model loaded;
  loaded.weight_bytes = vectors->size() * vectors->width() * sizeof(float);
  loaded.max_tokens = longest_text;
  loaded.compute =
      std::make_shared<const word_model>(std::move(*vectors), settings->normalize, identity_of(request, digest));
  watcher.progress(step, 1);
  return loaded;
}

result<void> inspect_word_model(const std::filesystem::path& directory) {
  if (const auto settings = text::read_word_settings(directory); !settings)
    return in(directory, settings.error());
  if (text::vectors_in(directory).empty())
    return error{errc::not_found, directory.string() + ": has neither vectors.bin nor vectors.txt"};
  return {};
}

} // namespace chalkstream::models
