#include "models/text/token_model.hpp"

namespace chalkstream::text {

const std::vector<std::string>& vocabulary_of(const model_description& description) {
  return std::visit([](const auto& each) -> const std::vector<std::string>& { return each.vocabulary; }, description);
}

result<token_model> token_model::build(const model_description& description) {
  const std::size_t size = vocabulary_of(description).size();
  if (const auto* of = std::get_if<wordpiece_description>(&description)) {
    CHALK_TRY(wordpiece made, wordpiece::build(*of));
    return token_model(std::move(made), size);
  }
  if (const auto* of = std::get_if<bpe_description>(&description)) {
    CHALK_TRY(bpe made, bpe::build(*of));
    return token_model(std::move(made), size);
  }
  if (const auto* of = std::get_if<unigram_description>(&description)) {
    CHALK_TRY(unigram made, unigram::build(*of));
    return token_model(std::move(made), size);
  }
  if (const auto* of = std::get_if<word_level_description>(&description)) {
    CHALK_TRY(word_level made, word_level::build(*of));
    return token_model(std::move(made), size);
  }
  const auto& pieces = std::get<piece_description>(description);
  std::optional<token_model> made;
  if (pieces.file->model == sentencepiece_file::algorithm::bpe) {
    CHALK_TRY(piece_merge model, piece_merge::build(*pieces.file));
    made = token_model(std::move(model), size);
  } else {
    CHALK_TRY(unigram model, unigram::build(*pieces.file));
    made = token_model(std::move(model), size);
  }
  made->numbering_.emplace(*pieces.file, pieces.ids);
  return std::move(*made);
}

std::int32_t token_model::unknown_id() const noexcept {
  return numbering_ ? numbering_->unknown_id()
                    : std::visit([](const auto& each) { return each.unknown_id(); }, model_);
}

bool token_model::split(std::string_view word, std::vector<token_piece>& out, scratch& work) const {
  bool known = true;
  if (const auto* merges = std::get_if<bpe>(&model_))
    merges->split(word, out, work.merging);
  else if (const auto* pieces = std::get_if<unigram>(&model_))
    known = pieces->split(word, out, work.searching);
  else if (const auto* words = std::get_if<word_level>(&model_))
    known = words->split(word, out);
  else if (const auto* joined = std::get_if<piece_merge>(&model_))
    joined->split(word, out, work.joining);
  else
    std::get<wordpiece>(model_).split(word, out);
  if (numbering_)
    numbering_->apply(word, out, work.numbering);
  return known;
}

} // namespace chalkstream::text
