// Which sentences say most of a text: those whose meaning is nearest to the whole text's, and not near to each other.
// Arithmetic over embeddings that come from elsewhere; docs/quality.md says how well it does.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace chalkstream::education {

struct embedded_rows {
  /// A row of unit length for each.
  std::vector<float> vectors;
  /// How long each is.
  std::vector<std::size_t> tokens;
};

struct embedded_document {
  std::size_t width = 0;
  /// All sentences, in order.
  embedded_rows sentences;
  /// The same text in stretches as long as the model reads: what the whole means. An encoder sees a sentence's
  /// neighbours in them, so they tell more of it than the mean of the sentences does.
  embedded_rows windows;
  /// Whether each sentence ends like one; headings and fragments of lists do not.
  std::vector<bool> ended;
};

struct chosen_sentence {
  std::size_t index = 0;
  /// Its centrality, with what its place and form add or take.
  double score = 0;
};

struct summary_choice {
  /// In the order of the text.
  std::vector<chosen_sentence> sentences;
  /// 0 to 1: cosine between the mean of what was chosen and the whole text.
  double coverage = 0;
};

/// The mean of the rows that `indices` name, weighted by length, at unit length; zeros if it has no direction.
std::vector<double> direction(const embedded_rows& rows, std::size_t width, std::span<const std::size_t> indices);

/// Cosine of each sentence to the windows' mean, weighted by length, with the priors for place and form.
std::vector<double> sentence_scores(const embedded_document& all);

struct choice_settings {
  /// Sentences of the summary.
  std::size_t wanted = 1;
  /// 0 to 1: how much a sentence loses for what those before it have said already.
  double diversity = 0;
  /// How much of a score one of cosine is worth.
  double unit = 1;
};

/// The best `wanted` (or all, if there are no more), one after another by maximal marginal relevance (Carbonell and
/// Goldstein 1998): (1 - diversity) * score - diversity * unit * the cosine to the nearest one chosen before. Equal
/// ones go by their order. `scores` has one for each sentence. Time is count * wanted * width.
summary_choice choose_sentences(const embedded_document& all, std::span<const double> scores,
                                const choice_settings& settings);

} // namespace chalkstream::education
