// What `train` can teach. A new recipe is its name here, what its rows need (examples.cpp), and its learner
// (training.cpp).
#pragma once

#include "core/error.hpp"

#include <cstdint>
#include <string_view>

namespace chalkstream::pipelines::tools {

/// classify  a text, its label                        regress  a text, its score or one for each of several traits
/// pair      two texts, their label or their scores    span     a question, a passage, the answer within it
/// seq2seq   a text, the text that is to be written from it
/// summarize a text, summaries of it by people
/// image-classify  a picture, its label               gan      the same, to draw more of them
/// ocr-line  a picture of a line, the text in it
enum class recipe : std::uint8_t { classify, regress, pair, span, seq2seq, summarize, image_classify, gan, ocr_line };

/// invalid_argument names the recipes there are.
result<recipe> recipe_from(std::string_view name);
std::string_view to_string(recipe what);

enum class learnt : std::uint8_t { label, scores, answer, text, summary };

} // namespace chalkstream::pipelines::tools
