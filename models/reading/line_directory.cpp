#include "models/reading/line_directory.hpp"

#include "models/digest.hpp"
#include "models/document.hpp"
#include "models/loading.hpp"
#include "models/reading/line_reader.hpp"
#include "models/vision/nets/net_layers.hpp"

#include <string>
#include <utility>
#include <vector>

namespace chalkstream::models::reading {
namespace {

class line_model final : public model {
public:
  line_model(std::unique_ptr<line_reader> reader, std::shared_ptr<const model_identity> identity)
      : reader_(std::move(reader)), identity_(std::move(identity)) {}

  std::shared_ptr<const model_identity> identity() const override { return identity_; }
  std::size_t max_tokens() const noexcept override { return std::size_t{1} << 20; }
  std::size_t output_width() const noexcept override { return 0; }

  // Line by line: a line has the same text in any company.
  result<output_rows> run(std::span<const sequence* const> batch, crew*) const override {
    output_rows made;
    for (const auto* s : batch) {
      if (s->image == nullptr || !s->ids.empty())
        return error{errc::invalid_argument, "the model reads pictures, and a sequence is not one"};
      CHALK_TRY(auto found, reader_->read(*s->image));
      auto& page = made.readings.emplace_back();
      if (found.text.empty())
        continue;
      const picture_box all{0, 0, static_cast<std::uint32_t>(s->image->width),
                            static_cast<std::uint32_t>(s->image->height)};
      page.lines.push_back({.text = std::move(found.text), .box = all, .confidence = found.confidence});
    }
    return made;
  }

private:
  std::unique_ptr<line_reader> reader_;
  std::shared_ptr<const model_identity> identity_;
};

} // namespace

result<bool> is_line_reader(const std::filesystem::path& directory) {
  return has_model_type(directory, reader_type);
}

result<loaded_model> load_line_reader(const load_request& request, observer& watcher) {
  if (request.output != head::text && request.output != head::logits) // who asks what an image shows asks for logits
    return error{errc::invalid_configuration,
                 request.directory.string() + ": reads text from pictures of lines; it has no embeddings and no classes"};
  const std::string step = "load " + request.name;
  watcher.progress(step, 0);
  CHALK_TRY(auto reader, line_reader::open(request.directory, request.device));
  loaded_model loaded;
  for (const auto& file : reader->files())
    loaded.weight_bytes += file.size;
  CHALK_TRY(const auto digest, digest_of(request, reader->files()));
  const auto ready = std::make_shared<const line_model>(std::move(reader), identity_of(request, digest));
  sequence grey;
  grey.image = std::make_shared<const picture>(
      picture{line_height * 2, line_height, 1, std::vector<std::uint8_t>(line_height * line_height * 2, 255)});
  CHALK_CHECK(warm_up(*ready, grey));
  watcher.progress(step, 1);
  loaded.compute = ready;
  loaded.max_tokens = ready->max_tokens();
  loaded.reads_pages = true;
  return loaded;
}

result<void> inspect_line_reader(const std::filesystem::path& directory) {
  CHALK_TRY(const auto root, read_configuration(directory));
  CHALK_TRY(const auto net, describe_line_reader(settings((directory / "config.json").string(), root)));
  CHALK_TRY(const auto weights, tensor_archive::open(directory));
  if (const auto good = nets::check_tensors(tensors_of(net), reader_type, weights); !good)
    return located(directory, good.error());
  return {};
}

} // namespace chalkstream::models::reading
