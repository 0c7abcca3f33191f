#include "pipelines/indexed_material.hpp"

#include "pipelines/passage_cache.hpp"

#include <optional>
#include <string>

namespace chalkstream::pipelines {

namespace {

using material_ptr = std::shared_ptr<const education::course_material>;

result<passage_index> embed_passages(const task_model& encoder, const material_ptr& material,
                                     const embed_function& embed, observer& progress, log& journal) {
  const known_texts texts{
      .count = material->passages.size(),
      .text =
          [&](std::size_t i) {
            const auto& passage = material->passages[i];
            const auto& title = material->of(passage).title;
            return title.empty() ? passage.text : title + ". " + passage.text;
          },
      .name = [&](std::size_t i) { return "the passage \"" + material->id(material->passages[i]) + "\""; }};
  std::optional<passage_index> index; // once the width is known
  const auto keep = [&](std::span<const float> row) -> result<void> {
    if (!index) {
      CHALK_TRY(index, passage_index::make(material, row.size()));
    }
    return index->add(row);
  };
  CHALK_TRY(const auto cut_short,
            embed_texts(encoder, texts, embed, keep, [&](double share) { progress.progress("passages", share); }));
  if (cut_short > 0)
    journal.warning("pipelines",
                    std::to_string(cut_short) + " of " + std::to_string(texts.count)
                        + " passages are longer than the encoder reads and are found by their beginning; "
                          "a smaller passage_length mends that");
  return std::move(*index);
}

} // namespace

result<std::shared_ptr<const passage_index>> index_material(const task_model& encoder, const material_source& from,
                                                            const embed_function& embed, observer& progress,
                                                            log& journal) {
  CHALK_TRY(auto parsed, education::parse_course_material(from.content, from.file, from.passage_length));
  const auto material = std::make_shared<const education::course_material>(std::move(parsed));
  const auto key = passages_key(encoder.identity->digest, encoder.max_tokens, from.content, from.passage_length);
  if (!from.cache.empty()) {
    auto kept = load_passages(from.cache, key, material);
    if (kept) {
      progress.progress("passages", 1);
      return std::make_shared<const passage_index>(std::move(*kept));
    }
    if (kept.error().code != errc::not_found)
      journal.warning("pipelines", kept.error().message + "; the passages are embedded again");
  }
  CHALK_TRY(auto made, embed_passages(encoder, material, embed, progress, journal));
  if (!from.cache.empty())
    if (auto saved = save_passages(from.cache, key, made); !saved)
      journal.warning("pipelines", saved.error().message + "; the next start embeds the passages again");
  return std::make_shared<const passage_index>(std::move(made));
}

} // namespace chalkstream::pipelines
