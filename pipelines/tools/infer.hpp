// `chalkstream infer`: the same engine without Kafka. JSON lines in, JSON lines out, in the same order.
#pragma once

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/observer.hpp"
#include "pipelines/page_reader.hpp"
#include "pipelines/page_regions.hpp"
#include "pipelines/span_reader.hpp"
#include "pipelines/summarizer.hpp"
#include "pipelines/text_writer.hpp"
#include "pipelines/tools/line_engine.hpp"

#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace chalkstream::pipelines::tools {

/// embed:     {"id","text"}          -> {"id","embedding"}
/// classify:  {"id","text","pair"?}  -> {"id","label","logits"}
/// score:     the same, for heads with one logit (regression, cross-encoders over pairs): label is it as text
///            embed, classify and score with a model of images: {"id","image":{"uri"|"data"}}, a file's place or its
///            bytes in base64 (picture_line.hpp). With CLIP embed takes either line, and both have vectors in one
///            space
/// span:      {"id","text","pair"}   -> {"id","answer","start","end","score"}: the stretch of `pair` that answers
///            `text`, [start, end) in code points. A passage over the model's length is read in windows that overlap;
///            an empty one answers "".
/// summarize: {"id","text"}          -> {"id","text","sentences"}, as in pipelines/tools/summarize_lines.hpp; with a
/// model
///            that writes {"id","text","tokens"}, from windows of whole sentences that it reads at once
/// tag:       {"id","text"}          -> {"id","tags":[{"start","end","label","score"}]}, one a token
/// read:      {"id","image"}         -> {"id","text","confidence","pages"}: the text on a file's pages, with a model
///            that reads them; lines and words with their places (read_lines.hpp)
/// detect:    {"id","image"}         -> {"id","regions","pages"}: what is on a file's pages, and where, with a model
///            that finds regions (detect_lines.hpp)
/// generate:  {"id","text"}          -> {"id","text","tokens"}: what the model writes to the text, or behind it
///            with a model that writes to images {"id","image":{"uri"|"data"}} -> {"id","text","tokens","confidence"}
/// translate: the same, sentence by sentence
/// neighbours: {"id","text"}         -> {"id","neighbours":[{"word","similarity"}]}: of word vectors, the words
/// nearest
///            to those of the text
enum class infer_task : std::uint8_t {
  embed,
  classify,
  score,
  span,
  tag,
  read,
  detect,
  summarize,
  generate,
  translate,
  neighbours
};
std::optional<infer_task> infer_task_from(std::string_view name);

struct infer_settings {
  std::filesystem::path model;
  infer_task task = infer_task::embed;
  /// "cpu", "cuda" or "cuda:1"
  std::string device = "cpu";
  std::size_t slots = 1;
  /// A program that was exported with the model may be run.
  bool allow_code = false;
  /// Tokens a batch may hold.
  std::size_t token_budget = 512;
  /// read
  page_split split = page_split::whole;
  /// read, detect, and classify with a model of images: a folder for pictures of the pages with what was found and how
  /// surely (annotation.hpp); empty: none.
  std::filesystem::path annotations;
  /// detect: regions that the model is no surer of are left out.
  double regions_above = sure_region;
  /// summarize
  summary_settings summary;
  /// generate, translate, and summarize with a model that writes; the unit is the task's.
  writing_settings writing;
  /// neighbours: how many
  std::size_t neighbours = 10;
  /// span
  span_settings span;
  /// span: answers "" and its probability where that is the likeliest, or where the answer scores below this. Absent:
  /// every passage with a word answers.
  std::optional<double> no_answer_below;
};

/// Blocks until `in` has ended and every line has its answer. A line that is not what it should be gets
/// {"id":…,"error":…}; only a model that cannot be loaded, or an output that cannot be written, is an error.
result<infer_counts> infer(std::istream& in, std::ostream& out, const infer_settings& settings, observer& watch,
                           log& log);

} // namespace chalkstream::pipelines::tools
