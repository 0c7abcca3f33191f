#include "pipelines/embedded_texts.hpp"

namespace chalkstream::pipelines {

namespace {

// Enough for every core's matrix units, little enough that its activations are no burden.
constexpr std::size_t batch_tokens = 8192;
constexpr std::size_t batch_texts = 512;

} // namespace

result<std::size_t> embed_texts(const task_model& encoder, const known_texts& texts, const embed_function& embed,
                                const std::function<result<void>(std::span<const float>)>& take,
                                const std::function<void(double)>& progress) {
  std::size_t cut_short = 0, width = 0;
  std::vector<sequence> batch;
  for (std::size_t done = 0; done < texts.count; done += batch.size()) {
    batch.clear();
    for (std::size_t tokens = 0;
         done + batch.size() < texts.count && batch.size() < batch_texts && tokens < batch_tokens;) {
      CHALK_TRY(auto piece, cut(encoder, texts.text(done + batch.size())));
      cut_short += piece.truncated ? 1 : 0;
      tokens += piece.tokens.ids.size();
      batch.push_back(std::move(piece.tokens));
    }
    CHALK_TRY(const auto rows, embed(batch));
    if (rows.size() != batch.size() || (width != 0 && rows.width != width))
      return error{errc::internal, "the encoder gave " + std::to_string(rows.size()) + " rows for "
                                       + std::to_string(batch.size()) + " texts"};
    width = rows.width;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto row = unit_vector(rows.row(i));
      if (row.empty())
        return error{errc::corrupt, "the encoder has no vector for " + texts.name(done + i)};
      CHALK_CHECK(take(row));
    }
    progress(static_cast<double>(done + batch.size()) / static_cast<double>(texts.count));
  }
  return cut_short;
}

} // namespace chalkstream::pipelines
