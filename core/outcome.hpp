// What a pipeline concludes about one event: the result record of DESIGN section 4, before it becomes JSON.
#pragma once

#include "core/clock.hpp"
#include "core/reading.hpp"
#include "core/review_reason.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chalkstream {

/// Which model, exactly: the digest is SHA-256 over weights, tokenizer and configuration, in hex.
struct model_identity {
  std::string name;
  std::string version;
  std::string digest;
};

enum class decision : std::uint8_t { automatic, review };

/// Where the time of one record went, in seconds.
struct timing {
  double queue = 0;   // ready until a slot took it
  double prepare = 0; // decoding and tokenising
  double compute = 0; // inside the model, the whole batch it was part of
  double total = 0;   // from intake to the finished result, before publishing
};

/// One suggested resource of a recommendation.
struct suggestion {
  std::string resource;
  std::string title;
  std::string url;
  double similarity = 0;
  /// Which missed point it addresses.
  std::string addresses;
};

/// One sentence of a summary, where it stands in the text: code points [start, end).
struct summary_sentence {
  std::size_t start = 0;
  std::size_t end = 0;
  /// How much it says of the whole, about 0 to 1; comparable within one text.
  double score = 0;
};

/// A passage of course material that an answer rests on.
struct cited_passage {
  std::string id;
  std::string title;
  std::string source;
  /// Code points [start, end) of the material's text.
  std::size_t start = 0;
  std::size_t end = 0;
  std::string text;
  /// To the question, by the encoder.
  double similarity = 0;
  /// How sure the reader is of the best answer in it, or how similar it is to the answer that was written; absent where
  /// there was neither.
  std::optional<double> score;
};

/// A stretch of a passage, word for word; or a text that was written from the passages: then the rest is empty.
struct passage_answer {
  std::string text;
  /// Code points [start, end) of the passage's text.
  std::size_t start = 0;
  std::size_t end = 0;
  std::string passage;
  std::string title;
};

/// What one page of a file shows: a class, or lines of text.
struct recognised_page {
  std::string label;
  double confidence = 0;
  /// Of a page that was read: its text, its lines, and the size in pixels that their boxes are of.
  std::string text = {};
  std::vector<read_line> lines = {};
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

/// One of several scores of a text, out of the result's max_score.
struct trait_score {
  std::string name;
  double score = 0;
};

struct outcome {
  /// Deterministic: derived from source topic, partition, offset and pipeline, so a replay gives the same id.
  std::string id;
  std::string event;
  std::string pipeline;
  std::string learner;
  std::string course;
  std::string assignment;
  std::string item;
  /// Of the event; counted by where a person asks for it, not shown.
  std::string tenant;
  std::string written_in; // its language, as a primary subtag
  /// Absent where no model can judge.
  std::optional<double> score;
  std::optional<double> max_score;
  /// Where the model tells several apart; the score is their mean.
  std::vector<trait_score> traits;
  std::string label;
  std::optional<double> confidence;
  decision verdict = decision::automatic;
  /// Why it went to review, or what limits the verdict ("language zh is not one the model knows").
  std::vector<review_note> reasons;
  std::vector<std::string> missed;
  std::string feedback;
  /// What a grade rests on, by its place in the event's lists: the closest reference, and the graded answer most like
  /// this one where those counted. Places, not texts: a result shows no other learner's words.
  std::optional<std::size_t> reference;
  std::optional<std::size_t> graded;
  /// Whether people gave that one the same label. Counted, not shown.
  std::optional<bool> graded_agrees;
  std::vector<suggestion> suggestions;
  /// Empty where no model can judge.
  std::string summary;
  /// What the summary is made of, in the order of the text.
  std::vector<summary_sentence> sentences;
  /// Empty where no model can translate.
  std::string translation;
  /// The translation's, a BCP 47 tag.
  std::string language;
  std::optional<passage_answer> answer;
  std::vector<cited_passage> passages;
  /// The encoder that found the passages.
  std::shared_ptr<const model_identity> retriever;
  /// In the file's order.
  std::vector<recognised_page> pages;
  /// What was read from a file, of recognition, or of a grade that rests on it; absent where nothing was to be read.
  std::optional<std::string> text;
  /// Of a grade that rests on a reading: how sure its reader was, and who that was.
  std::optional<double> reading_confidence;
  std::shared_ptr<const model_identity> reader;
  std::vector<float> embedding;
  std::optional<std::uint64_t> bytes;
  std::shared_ptr<const model_identity> model;
  /// The encoder whose vectors counted beside what `model` found, where there were two.
  std::shared_ptr<const model_identity> encoder;
  struct timing timing;
  wall_time completed_at{};
};

} // namespace chalkstream
