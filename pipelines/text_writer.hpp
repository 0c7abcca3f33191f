// From a text to the prompts of a model that writes, and from what it wrote to one text, apart from where texts come
// from and where results go: the tasks over events and the offline tool share it.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "pipelines/text_task.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines {

/// What a prompt holds.
enum class prompt_unit : std::uint8_t {
  whole,    // the text, cut where the model's length ends
  window,   // as many whole sentences as the model reads at once
  sentence, // one sentence, for models that were made of sentences
  picture,  // an image, for models that write to those
};

struct writing_settings {
  prompt_unit unit = prompt_unit::whole;
  /// Before every prompt, word for word ("translate English to German: ").
  std::string prefix;
  /// The token that stands for it is written first (mBART's "de_DE", M2M100's "de"); empty: nobody asks for it.
  std::string target_language;
  generation_settings generation;
  /// Prompts made of one text; the sentences beyond are left out.
  std::size_t max_prompts = 64;
};

/// A text between the tokenizer and the model.
struct text_prompts {
  std::vector<sequence> sequences;
  /// Before each text that is written: a space, or the line's end that was there.
  std::vector<std::string> gaps;
  /// A prompt is longer than the model reads, or there were too many: not everything was read.
  bool truncated = false;
  /// The share of words the model has no token for.
  double unknown_share = 0;
};

/// What became of them, in one piece.
struct joined_text {
  std::string text;
  std::size_t tokens = 0;
  /// One of them ended for want of room.
  bool cut = false;
};

/// Why a person looks at a text that ended for want of room.
inline constexpr fixed_note cut_off{review_reason::not_all_read, "what the model wrote was cut off at its longest"};

/// How sure the model was of what it wrote: the geometric mean of its tokens' probabilities, the end among them; 0 of
/// a text without tokens.
double confidence_in(const written_text& text);

/// Without the space around it.
std::string_view trimmed(std::string_view text);

class text_writer {
public:
  /// `model` writes, and its max_tokens are those of a prompt. invalid_configuration for a target language it has no
  /// token for, for a prefix that leaves no room, and for one before a picture.
  static result<text_writer> make(task_model model, writing_settings settings);

  /// `lang` is a BCP 47 tag or empty: it says where sentences end. Fails where the tokenizer does. A text without a
  /// sentence in it has no prompts, unless they are whole.
  result<text_prompts> prompts(std::string_view text, std::string_view lang) const;

  /// The prompt that is a picture as the model takes it, which costs it `tokens`.
  sequence prompt(std::shared_ptr<const picture> seen, std::size_t tokens) const;

  /// Nothing that is not one text for each prompt can be joined: an error. Fails where the tokenizer does.
  result<joined_text> join(const text_prompts& from, const std::vector<written_text>& texts) const;

  /// One text, with the space around it. Fails where the tokenizer does.
  result<std::string> text_of(const written_text& text) const { return model_.tokenizer->decode(text.ids, true); }

  const task_model& model() const noexcept { return model_; }

private:
  text_writer(task_model model, writing_settings settings)
      : model_(std::move(model)), settings_(std::move(settings)) {}

  result<void> add(text_prompts& to, std::string_view text, std::string gap) const;
  result<std::size_t> tokens_of(std::string_view text) const;

  task_model model_;
  writing_settings settings_;
  std::shared_ptr<const generation_settings> wanted_;
};

} // namespace chalkstream::pipelines
