#include "models/text/piece_tokenizer.hpp"

#include <limits>

#include "models/text/json_section.hpp"
#include "models/text/piece_layout.hpp"
#include "models/text/tokenizer_parts_json.hpp"

namespace chalkstream::text {

namespace {

// mT5's has 4.3 MB, Gemma's 4.2.
constexpr std::size_t max_file_bytes = std::size_t{256} << 20;

using dummy_space = piece_normalizer::dummy_space;
using piece_kind = sentencepiece_file::piece_kind;

error in(const std::string& file, error what) {
  what.message = file + ": " + what.message;
  return what;
}

result<sentencepiece_file> read_pieces(const std::filesystem::path& directory, const std::string& name) {
  CHALK_TRY(const std::string bytes, read_file(directory / name, max_file_bytes));
  auto file = read_sentencepiece_file(bytes);
  return file ? std::move(file) : in(name, std::move(file).error());
}

dummy_space dummy_of(const piece_layout& of) {
  const auto& settings = of.settings;
  if (!of.file.dummy_prefix || !settings.add_prefix_space.value_or(true))
    return dummy_space::none;
  if (of.file.whitespace_as_suffix)
    return dummy_space::last;
  return settings.legacy.value_or(!of.prefix_first_only) ? dummy_space::always : dummy_space::first;
}

result<std::vector<normalizer_step>> steps_of(const piece_layout& of) {
  piece_normalizer::rules rules;
  rules.map = of.file.map;
  for (const auto& piece : of.file.pieces)
    if (piece.kind == piece_kind::user_defined)
      rules.kept.push_back(piece.text);
  rules.dummy = dummy_of(of);
  rules.remove_extra_whitespaces = of.file.remove_extra_whitespaces;
  rules.escape_whitespaces = of.file.escape_whitespaces;
  CHALK_TRY(piece_normalizer made, piece_normalizer::build(rules));
  std::vector<normalizer_step> steps = of.before;
  steps.push_back({normalizer_step::kind::pieces});
  steps.back().pieces = std::make_shared<const piece_normalizer>(std::move(made));
  return steps;
}

/// The way back: spaces again, bytes as what they make up, and no space that a text was given.
std::vector<decoder_step> decoder_of(const piece_layout& of) {
  using kind = decoder_step::kind;
  const dummy_space dummy = dummy_of(of);
  decoder_step spaces{kind::metaspace};
  spaces.character = piece_space;
  spaces.drop_first = dummy == dummy_space::always && !of.strips_ends;
  decoder_step strip{kind::strip};
  strip.character = U' ';
  strip.start = dummy == dummy_space::first ? 1 : 0;
  strip.stop = dummy == dummy_space::last ? 1 : 0;
  if (of.strips_ends)
    strip.start = strip.stop = std::numeric_limits<std::size_t>::max();
  std::vector<decoder_step> steps{std::move(spaces)};
  if (of.file.byte_fallback)
    steps.push_back({kind::byte_fallback});
  steps.push_back({kind::fuse});
  steps.push_back(std::move(strip));
  return steps;
}

result<tokenizer_description> describe(piece_layout layout) {
  tokenizer_description made;
  CHALK_TRY(made.normalizer, steps_of(layout));
  made.decoder = decoder_of(layout);
  made.added = std::move(layout.added);
  made.post = std::move(layout.post);
  made.model =
      piece_description{std::move(layout.vocabulary),
                        std::make_shared<const sentencepiece_file>(std::move(layout.file)), std::move(layout.ids)};
  return made;
}

enum class side : std::uint8_t { source, target };

/// Marian: source.spm cuts a text, vocab.json has the ids, and >>fr<< at its beginning says what to translate into.
/// target.spm cuts what is to be learnt; turning tokens into text takes no pieces. With separate vocabularies,
/// target_vocab.json says what the model's tokens are.
result<tokenizer_description> marian(const std::filesystem::path& directory, const tokenizer_settings& settings,
                                     side of) {
  CHALK_TRY(sentencepiece_file file, read_pieces(directory, of == side::source ? "source.spm" : "target.spm"));
  piece_layout layout(std::move(file), settings);
  layout.strips_ends = true;
  const bool separate = settings.separate_vocabs.value_or(false);
  const char* ids = separate && of == side::target ? "target_vocab.json" : "vocab.json";
  CHALK_TRY(auto vocabulary, read_vocabulary_file(directory, ids, max_file_bytes));
  const std::vector<std::string> tokens = vocabulary;
  if (auto placed = layout.place_in(std::move(vocabulary)); !placed)
    return in(ids, placed.error());
  if (auto added = layout.add_special({{"eos_token", "</s>"}, {"unk_token", "<unk>"}, {"pad_token", "<pad>"}});
      !added)
    return in(ids, added.error());
  for (const std::string& token : tokens)
    if (!separate && of == side::source && token.size() > 4 && token.starts_with(">>") && token.ends_with("<<")) {
      layout.add(token);
      layout.added.back().special = false;
      layout.added.back().at_start = true;
    }
  auto eos = layout.id_of(layout.named("eos_token", "</s>"), "eos_token");
  if (!eos)
    return in(ids, eos.error());
  const template_piece end{template_piece::kind::special, 0, {*eos}};
  layout.post.single = {{template_piece::kind::first, 0, {}}, end};
  layout.post.pair = {{template_piece::kind::first, 0, {}}, {template_piece::kind::second, 0, {}}, end};
  CHALK_TRY(tokenizer_description made, describe(std::move(layout)));
  if (separate && of == side::source) {
    CHALK_TRY(made.target_vocabulary, read_vocabulary_file(directory, "target_vocab.json", max_file_bytes));
  }
  return made;
}

bool is_marian(const tokenizer_settings& settings) {
  return settings.tokenizer_class == "MarianTokenizer"
         || (settings.tokenizer_class.empty() && settings.model_type == "marian");
}

} // namespace

bool has_pieces(const std::filesystem::path& directory) {
  std::error_code ignored;
  const auto is_there = [&](const char* name) { return std::filesystem::exists(directory / name, ignored); };
  return is_there("sentencepiece.bpe.model") || is_there("spiece.model") || is_there("spm.model")
         || is_there("source.spm") || is_there("tokenizer.model");
}

result<tokenizer_description> read_piece_tokenizer(const std::filesystem::path& directory) {
  CHALK_TRY(const tokenizer_settings settings, tokenizer_settings::read(directory));
  if (is_marian(settings))
    return marian(directory, settings, side::source);
  CHALK_TRY(const piece_arrangement how, arrangement_for(settings));
  const std::string name(how.file);
  CHALK_TRY(sentencepiece_file file, read_pieces(directory, name));
  piece_layout layout(std::move(file), settings);
  if (auto arranged = how.apply(layout); !arranged)
    return in(name, arranged.error());
  auto made = describe(std::move(layout));
  return made ? std::move(made) : in(name, std::move(made).error());
}

result<tokenizer_description> read_target_pieces(const std::filesystem::path& directory) {
  CHALK_TRY(const tokenizer_settings settings, tokenizer_settings::read(directory));
  return is_marian(settings) ? marian(directory, settings, side::target) : read_piece_tokenizer(directory);
}

} // namespace chalkstream::text
