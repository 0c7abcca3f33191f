#include "pipelines/summarizer.hpp"

#include "education/analysed_text.hpp"
#include "education/summary_choice.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::pipelines {

namespace {

/// More bytes than this make no token in any text a person wrote.
constexpr std::size_t bytes_per_token = 32;

double rounded(double share) {
  return std::round(share * 1e4) / 1e4;
}

/// Scripts that write sentences without a space between them.
bool needs_no_space(std::string_view text) {
  constexpr std::string_view stops[] = {"。", "！", "？", "」", "』"};
  return std::any_of(std::begin(stops), std::end(stops), [&](auto stop) { return text.ends_with(stop); });
}

std::string_view sentence(const summary_draft& draft, std::size_t index) {
  const auto& at = draft.sentences[index];
  return std::string_view{draft.text}.substr(at.begin, at.end - at.begin);
}

/// What was tokenised sentence by sentence, again in stretches of whole sentences.
result<void> add_windows(const task_model& model, const summary_draft& draft, std::vector<sequence>& sequences) {
  std::string window;
  std::size_t tokens = 0;
  for (std::size_t i = 0; i < draft.sentences.size(); ++i) {
    window.append(window.empty() ? "" : " ").append(sentence(draft, i));
    tokens += sequences[i].ids.size();
    const bool last = i + 1 == draft.sentences.size();
    if (!last && tokens + sequences[i + 1].ids.size() <= model.max_tokens)
      continue;
    CHALK_TRY(auto piece, cut(model, window));
    sequences.push_back(std::move(piece.tokens));
    window.clear();
    tokens = 0;
  }
  return {};
}

void append_sentence(summary& to, const summary_draft& draft, std::size_t index, double score) {
  const auto& at = draft.sentences[index];
  if (!to.text.empty() && !needs_no_space(to.text))
    to.text += ' ';
  to.text += education::visible_text(sentence(draft, index));
  to.sentences.push_back({at.start, at.stop, rounded(score)});
}

} // namespace

result<summary_draft> draft_summary(const task_model& model, std::string text, std::string_view lang,
                                    const summary_settings& settings, std::vector<sequence>& sequences) {
  summary_draft draft;
  draft.text = std::move(text);
  auto found = education::split_sentences(draft.text, lang, {.bytes = settings.max_tokens * bytes_per_token});
  draft.cut_text = !found.whole;
  std::size_t tokens = 0;
  double unknown = 0;
  for (const auto& at : found.sentences) {
    CHALK_TRY(auto piece, cut(model, std::string_view{draft.text}.substr(at.begin, at.end - at.begin)));
    const auto size = piece.tokens.ids.size();
    if (!draft.sentences.empty() && 2 * (tokens + size) > settings.max_tokens) {
      draft.cut_text = true;
      break;
    }
    tokens += size;
    unknown += piece.unknown_share * static_cast<double>(size);
    draft.cut_sentence |= piece.truncated;
    draft.sentences.push_back(at);
    sequences.push_back(std::move(piece.tokens));
  }
  CHALK_CHECK(add_windows(model, draft, sequences));
  draft.unknown_share = tokens == 0 ? 0 : unknown / static_cast<double>(tokens);
  return draft;
}

summary whole_text(const summary_draft& draft) {
  summary all;
  for (std::size_t i = 0; i < draft.sentences.size(); ++i)
    append_sentence(all, draft, i, 1);
  all.confidence = 1;
  return all;
}

std::optional<read_text> read_rows(const summary_draft& draft, const std::vector<sequence>& sequences,
                                   const output_rows& rows) {
  const auto count = draft.sentences.size();
  if (rows.size() != sequences.size() || sequences.size() < count)
    return std::nullopt;
  read_text made;
  auto& all = made.embedded;
  all.width = rows.width;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const auto vector = unit_vector(rows.row(i));
    if (vector.empty())
      return std::nullopt;
    auto& into = i < count ? all.sentences : all.windows;
    into.vectors.insert(into.vectors.end(), vector.begin(), vector.end());
    into.tokens.push_back(sequences[i].ids.size());
  }
  for (std::size_t i = 0; i < count; ++i) {
    made.sentences.push_back(sentence(draft, i));
    all.ended.push_back(education::ends_like_a_sentence(made.sentences.back()));
  }
  return made;
}

std::vector<double> scores_of(const read_text& text, const education::summary_head* head) {
  return head == nullptr ? education::sentence_scores(text.embedded)
                         : education::learnt_scores(*head, text.embedded, text.sentences);
}

std::optional<summary> conclude_summary(const summary_draft& draft, const std::vector<sequence>& sequences,
                                        const output_rows& rows, const summary_settings& settings,
                                        std::size_t wanted) {
  const auto text = read_rows(draft, sequences, rows);
  if (!text)
    return std::nullopt;
  const auto unit = settings.head ? double{settings.head->unit} : 1;
  const auto choice = education::choose_sentences(text->embedded, scores_of(*text, settings.head.get()),
                                                  {wanted, settings.diversity, unit});
  summary made;
  for (const auto& chosen : choice.sentences)
    append_sentence(made, draft, chosen.index, chosen.score);
  made.confidence = rounded(choice.coverage);
  return made;
}

} // namespace chalkstream::pipelines
