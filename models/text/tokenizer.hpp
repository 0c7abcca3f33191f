// From text to the token ids of a model and back, as its tokenizer.json says: the same ids and offsets as Hugging
// Face `tokenizers` gives, for every text. WordPiece, BPE, Unigram and WordLevel; or as its SentencePiece files say,
// with the ids and offsets of SentencePiece. Other components are a clear `unsupported`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"

namespace chalkstream::text {

/// What gives way when a text and its pair are longer than allowed.
enum class truncation : std::uint8_t {
  none,
  longest_first, // the longer of the two, then both alike
  only_first,
  only_second,
};

struct encode_options {
  bool special_tokens = true;
  truncation cut = truncation::none;
  std::size_t max_tokens = 0; // with special tokens; 0: unlimited. Only used with a cut.
  bool offsets = true;
};

struct encoding {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> types; // as long as ids
  /// Code points [begin, end) of the text the token came from, first or second; (0, 0) for special tokens. Empty
  /// when not asked for.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> offsets;
  /// Tokens [begin, end) of the second text; (0, 0) without one.
  std::pair<std::size_t, std::size_t> second{0, 0};
  bool truncated = false;
};

/// How a second text is read that is too long beside the first: in windows that overlap.
struct window_options {
  std::size_t max_tokens = 512; // of a window, special tokens and first text included
  std::size_t stride = 128; // tokens that a window shares with the one before; at most half of what it has room for
  std::size_t most = 64;    // windows
};

struct pair_window {
  /// The first text and a part of the second; offsets are those of the whole texts.
  encoding tokens;
  /// Which token of the second text its part begins with.
  std::size_t from = 0;
};

struct tokenizer_description;

/// Immutable: one instance serves any number of threads, without locks. Encoding takes time linear in the text.
class tokenizer {
public:
  /// Reads tokenizer.json and, when it is there, tokenizer_config.json; without a tokenizer.json, the SentencePiece
  /// files and settings that stand for one. Blocks on the file system. `not_found`, `io`, `unsupported` (names the
  /// component this build does not know) or `corrupt` (says what contradicts what).
  static result<std::shared_ptr<const tokenizer>> load(const std::filesystem::path& model_directory);

  /// The same for texts that the directory's model should write: Marian's SentencePiece files cut those in a way of
  /// their own, all others as any text.
  static result<std::shared_ptr<const tokenizer>> load_target(const std::filesystem::path& model_directory);

  /// What a tokenizer.json says that lies nowhere yet. `unsupported` or `corrupt`.
  static result<std::shared_ptr<const tokenizer>> parse(std::string_view tokenizer_json);

  ~tokenizer();
  tokenizer(const tokenizer&) = delete;
  tokenizer& operator=(const tokenizer&) = delete;

  /// `invalid_argument` when a text is not valid UTF-8 (all of it is checked, cut or not) or has 4 GiB or more, when
  /// the special tokens alone are more than max_tokens, when the text that should give way is too short to, when a
  /// regular expression of the tokenizer takes too long on it, and when it has no token for a part of the text (of what
  /// is kept, where a text is cut).
  result<encoding> encode(std::string_view text, const encode_options& options) const;
  result<encoding> encode_pair(std::string_view first, std::string_view second, const encode_options& options) const;

  /// The pair with special tokens and offsets, as one window if it fits, else as several. The last one is `truncated`
  /// if the second text goes on behind it. invalid_argument as encode_pair, and when the first text leaves the second
  /// less than a quarter of a window.
  result<std::vector<pair_window>> encode_windows(std::string_view first, std::string_view second,
                                                  const window_options& options) const;

  /// The text the tokens stand for; ids outside the vocabulary stand for nothing. Valid UTF-8, whatever the ids.
  /// `invalid_argument` when a regular expression of the tokenizer takes too long.
  result<std::string> decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const;

  /// The id of a token by its spelling, a language code like "ro_RO" perhaps; nothing when there is no such token.
  std::optional<std::int32_t> id_of(std::string_view token) const;

  /// Tokens a model must have embeddings for.
  std::size_t vocabulary_size() const noexcept;

  /// tokenizer_config.json's model_max_length, when it is there and means a length.
  std::optional<std::size_t> configured_max_length() const noexcept;

  /// Share (0 to 1) of unknown tokens among those that came from a text: how one recognises a language the model
  /// cannot read. 0 for an encoding without such tokens.
  double unknown_share(const encoding& of) const noexcept;

private:
  struct parts;
  explicit tokenizer(std::unique_ptr<const parts> made);

  static result<std::shared_ptr<const tokenizer>> load(const std::filesystem::path& directory,
                                                       tokenizer_description description);
  static result<std::shared_ptr<const tokenizer>> build(tokenizer_description description,
                                                        std::optional<std::size_t> max_length);

  result<encoding> encode_all(std::string_view first, const std::string_view* second,
                              const encode_options& options) const;

  std::unique_ptr<const parts> parts_;
};

} // namespace chalkstream::text
