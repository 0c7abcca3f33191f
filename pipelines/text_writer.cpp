#include "pipelines/text_writer.hpp"

#include "education/analysed_text.hpp"
#include "education/sentences.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace chalkstream::pipelines {

namespace {

/// More bytes than this make no token in any text a person wrote.
constexpr std::size_t bytes_per_token = 32;

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// What stands between two sentences, as far as it matters: a paragraph stays one.
std::string gap_for(std::string_view between) {
  const auto lines = std::count(between.begin(), between.end(), '\n');
  return lines == 0 ? " " : lines == 1 ? "\n" : "\n\n";
}

/// The one token that stands for a language, by its own name or as M2M100 writes it.
result<std::int32_t> language_token(const task_model& model, const std::string& language) {
  for (const auto& name : {language, "__" + language + "__", "<2" + language + ">"}) {
    CHALK_TRY(const auto encoded, model.tokenizer->encode(name, {.special_tokens = false, .offsets = false}));
    if (encoded.ids.size() != 1 || model.tokenizer->unknown_share(encoded) > 0)
      continue;
    // A word of the vocabulary is no language: such a token is special, and nothing is left when those are.
    CHALK_TRY(const auto left, model.tokenizer->decode(encoded.ids, true));
    if (left.empty())
      return encoded.ids.front();
  }
  return error{errc::invalid_configuration, "the model's tokenizer has no special token for the language '" + language
                                                + "'; its names for languages are in tokenizer.json"};
}

} // namespace

double confidence_in(const written_text& text) {
  return text.ids.empty() ? 0 : std::exp(text.log_probability / static_cast<double>(text.ids.size()));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space(text.back()))
    text.remove_suffix(1);
  return text;
}

result<text_writer> text_writer::make(task_model model, writing_settings settings) {
  if (!settings.target_language.empty()) {
    CHALK_TRY(settings.generation.first_token, language_token(model, settings.target_language));
  }
  text_writer made(std::move(model), std::move(settings));
  made.wanted_ = std::make_shared<const generation_settings>(made.settings_.generation);
  if (made.settings_.unit == prompt_unit::picture) {
    if (!made.settings_.prefix.empty())
      return error{errc::invalid_configuration, "a prefix goes before a text; this model's prompts are pictures"};
    return made;
  }
  CHALK_TRY(const auto alone, made.tokens_of(made.settings_.prefix));
  if (alone >= made.model_.max_tokens)
    return error{errc::invalid_configuration, "of " + std::to_string(made.model_.max_tokens)
                                                  + " tokens of a prompt the prefix and special tokens take "
                                                  + std::to_string(alone)
                                                  + "; ask for fewer new tokens or a shorter prefix"};
  return made;
}

result<std::size_t> text_writer::tokens_of(std::string_view text) const {
  CHALK_TRY(const auto encoded, model_.tokenizer->encode(text, {.offsets = false}));
  return encoded.ids.size();
}

result<void> text_writer::add(text_prompts& to, std::string_view text, std::string gap) const {
  // A prompt that is the whole text is taken word for word.
  const auto words = settings_.unit == prompt_unit::whole ? std::string(text) : education::visible_text(text);
  CHALK_TRY(auto encoded, model_.tokenizer->encode(settings_.prefix + words, {.special_tokens = true,
                                                                              .cut = text::truncation::only_first,
                                                                              .max_tokens = model_.max_tokens,
                                                                              .offsets = false}));
  to.truncated |= encoded.truncated;
  const auto share = model_.tokenizer->unknown_share(encoded);
  const auto before = static_cast<double>(to.sequences.size());
  to.unknown_share = (to.unknown_share * before + share) / (before + 1);
  to.sequences.push_back({std::move(encoded.ids), std::move(encoded.types), wanted_});
  to.gaps.push_back(std::move(gap));
  return {};
}

result<text_prompts> text_writer::prompts(std::string_view text, std::string_view lang) const {
  text_prompts made;
  if (settings_.unit == prompt_unit::whole) {
    CHALK_CHECK(add(made, text, ""));
    return made;
  }
  const auto found =
      education::split_sentences(text, lang, {.bytes = settings_.max_prompts * model_.max_tokens * bytes_per_token});
  made.truncated = !found.whole;
  const auto& all = found.sentences;
  for (std::size_t first = 0; first < all.size();) {
    if (made.sequences.size() == settings_.max_prompts) {
      made.truncated = true;
      break;
    }
    auto last = first;
    CHALK_TRY(
        auto tokens,
        tokens_of(settings_.prefix + std::string(text.substr(all[first].begin, all[first].end - all[first].begin))));
    while (settings_.unit == prompt_unit::window && last + 1 < all.size()) {
      // From the end of one sentence to the end of the next.
      CHALK_TRY(const auto more, tokens_of(text.substr(all[last].end, all[last + 1].end - all[last].end)));
      if (tokens + more > model_.max_tokens)
        break;
      tokens += more;
      ++last;
    }
    const auto begin = all[first].begin;
    const auto gap =
        first == 0 ? std::string() : gap_for(text.substr(all[first - 1].end, begin - all[first - 1].end));
    CHALK_CHECK(add(made, text.substr(begin, all[last].end - begin), gap));
    first = last + 1;
  }
  return made;
}

sequence text_writer::prompt(std::shared_ptr<const picture> seen, std::size_t tokens) const {
  sequence only;
  only.image = std::move(seen);
  only.image_tokens = tokens;
  only.wanted = wanted_;
  return only;
}

result<joined_text> text_writer::join(const text_prompts& from, const std::vector<written_text>& texts) const {
  if (texts.size() != from.gaps.size())
    return error{errc::internal, "the model wrote " + std::to_string(texts.size()) + " texts for "
                                     + std::to_string(from.gaps.size()) + " prompts"};
  joined_text all;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    CHALK_TRY(const auto text, text_of(texts[i]));
    all.tokens += texts[i].ids.size();
    all.cut |= texts[i].cut;
    if (settings_.unit == prompt_unit::whole)
      all.text += text;
    else if (const auto visible = trimmed(text); !visible.empty())
      all.text.append(all.text.empty() ? "" : from.gaps[i]).append(visible);
  }
  return all;
}

} // namespace chalkstream::pipelines
