// The learner of seq2seq: a model that writes one text from another, fine-tuned or begun anew.
#pragma once

#include "core/error.hpp"
#include "education/measures/bleu_tokens.hpp"
#include "models/training/adamw.hpp"
#include "models/training/starting_lstm.hpp"
#include "models/training/starting_writer.hpp"
#include "pipelines/tools/training/learner.hpp"
#include "pipelines/tools/training/new_tokenizer.hpp"
#include "pipelines/tools/training/split.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace chalkstream::pipelines::tools {

/// What is written says what it is measured by: bleu, chrf and chrf++, or rouge1, rouge2 and rougeL.
enum class written_kind : std::uint8_t { translation, summary };

/// What begins where there is no model to start from. A new one is its name here, its sizes in new_writer, and its
/// line in writing_learner.cpp.
enum class new_architecture : std::uint8_t { transformer, lstm };

struct new_writer {
  new_architecture architecture = new_architecture::transformer;
  models::training::transformer_sizes transformer;
  models::training::lstm_sizes lstm;
  vocabulary_settings vocabulary;
};

struct writer_settings {
  /// A directory of BART, mBART, Marian, Pegasus, T5, mT5 or an LSTM; empty: `anew` begins.
  std::filesystem::path model;
  new_writer anew;
  written_kind writes = written_kind::translation;
  education::measures::bleu_tokenizer bleu_words = education::measures::bleu_tokenizer::v13a;
  /// So many rows of the validation part, evenly spread, are written and measured; the loss is of all of them.
  std::size_t written_rows = 500;
  /// Before every text, word for word ("summarize: ").
  std::string prefix;
  /// The share of each target that goes to all words alike.
  double smoothing = 0;
  /// Longer texts and targets are cut; 0: as long as the model takes them.
  std::size_t max_tokens = 0;
  models::training::adamw_settings optimiser;
  std::string device = "cpu";
  bool mixed = false;
  std::size_t threads = 0;
  std::uint64_t seed = 0;
};

/// Tokenises everything. Errors are those of the model's directory and of texts that cannot be tokenised.
result<std::unique_ptr<learner>> make_writing_learner(const split_examples& examples,
                                                      const writer_settings& settings);

} // namespace chalkstream::pipelines::tools
