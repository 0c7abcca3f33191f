#include "models/text/token_model.hpp"

namespace chalkstream::text {

const std::vector<std::string>& vocabulary_of(const model_description& description) {
  return std::visit([](const auto& each) -> const std::vector<std::string>& { return each.vocabulary; }, description);
}

result<token_model> token_model::build(const model_description& description) {
  if (const auto* of = std::get_if<wordpiece_description>(&description)) {
    CHALK_TRY(wordpiece made, wordpiece::build(*of));
    return token_model(std::move(made));
  }
  if (const auto* of = std::get_if<bpe_description>(&description)) {
    CHALK_TRY(bpe made, bpe::build(*of));
    return token_model(std::move(made));
  }
  CHALK_TRY(unigram made, unigram::build(std::get<unigram_description>(description)));
  return token_model(std::move(made));
}

std::size_t token_model::vocabulary_size() const noexcept {
  return std::visit([](const auto& each) { return each.vocabulary_size(); }, model_);
}

std::int32_t token_model::unknown_id() const noexcept {
  return std::visit([](const auto& each) { return each.unknown_id(); }, model_);
}

void token_model::split(std::string_view word, std::vector<token_piece>& out, scratch& work) const {
  if (const auto* merges = std::get_if<bpe>(&model_))
    merges->split(word, out, work.merging);
  else if (const auto* pieces = std::get_if<unigram>(&model_))
    pieces->split(word, out, work.searching);
  else
    std::get<wordpiece>(model_).split(word, out);
}

} // namespace chalkstream::text
