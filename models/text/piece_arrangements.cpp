#include <algorithm>
#include <array>

#include "models/text/piece_layout.hpp"

namespace chalkstream::text {

namespace {

using kind = template_piece::kind;

// In the order of their ids.
constexpr std::array<const char*, 25> mbart_languages{"ar_AR", "cs_CZ", "de_DE", "en_XX", "es_XX", "et_EE", "fi_FI",
                                                      "fr_XX", "gu_IN", "hi_IN", "it_IT", "ja_XX", "kk_KZ", "ko_KR",
                                                      "lt_LT", "lv_LV", "my_MM", "ne_NP", "nl_XX", "ro_RO", "ru_RU",
                                                      "si_LK", "tr_TR", "vi_VN", "zh_CN"};
constexpr std::array<const char*, 27> mbart50_languages{"af_ZA", "az_AZ", "bn_IN", "fa_IR", "he_IL", "hr_HR", "id_ID",
                                                        "ka_GE", "km_KH", "mk_MK", "ml_IN", "mn_MN", "mr_IN", "pl_PL",
                                                        "ps_AF", "pt_XX", "sv_SE", "sw_KE", "ta_IN", "te_IN", "th_TH",
                                                        "tl_XX", "uk_UA", "ur_PK", "xh_ZA", "gl_ES", "sl_SI"};

/// Without any others: <s> A </s> and so on are made of these.
const template_piece first{kind::first, 0, {}};
template_piece second(std::int32_t type) {
  return {kind::second, type, {}};
}
template_piece special(std::int32_t id, std::int32_t type = 0) {
  return {kind::special, type, {id}};
}

result<void> refuse(bool unlike, const char* setting) {
  if (unlike)
    return error{errc::unsupported, std::string(setting) + " is not known to this build for this tokenizer"};
  return {};
}

/// Fairseq's ids: its four special tokens before the pieces.
std::vector<std::string> fairseq_head(const piece_layout& of) {
  return {of.named("bos_token", "<s>"), of.named("pad_token", "<pad>"), of.named("eos_token", "</s>"),
          of.named("unk_token", "<unk>")};
}

const std::vector<std::pair<const char*, const char*>> fairseq_roles{
    {"bos_token", "<s>"},   {"eos_token", "</s>"}, {"unk_token", "<unk>"},  {"sep_token", "</s>"},
    {"pad_token", "<pad>"}, {"cls_token", "<s>"},  {"mask_token", "<mask>"}};

result<void> xlm_roberta(piece_layout& out) {
  CHALK_CHECK(out.place(fairseq_head(out), 3, {out.named("mask_token", "<mask>")}));
  CHALK_CHECK(out.add_special(fairseq_roles));
  CHALK_TRY(const std::int32_t bos, out.id_of(out.named("bos_token", "<s>"), "bos_token"));
  CHALK_TRY(const std::int32_t eos, out.id_of(out.named("eos_token", "</s>"), "eos_token"));
  out.post.single = {special(bos), first, special(eos)};
  out.post.pair = {special(bos), first, special(eos), special(eos), second(0), special(eos)};
  return {};
}

result<void> mbart_with(piece_layout& out, const std::vector<std::string>& languages, bool language_first) {
  std::vector<std::string> tail = languages;
  tail.push_back(out.named("mask_token", "<mask>"));
  CHALK_CHECK(out.place(fairseq_head(out), 3, tail));
  out.add(tail.back(), true); // the mask takes the whitespace before it
  for (const std::string& code : languages)
    out.add(code);
  CHALK_CHECK(out.add_special(fairseq_roles));
  const std::string source = out.settings.source_language.value_or("en_XX");
  if (std::find(languages.begin(), languages.end(), source) == languages.end())
    return error{errc::corrupt, "src_lang " + source + " is no language of this tokenizer"};
  CHALK_TRY(const std::int32_t language, out.id_of(source, "src_lang"));
  CHALK_TRY(const std::int32_t eos, out.id_of(out.named("eos_token", "</s>"), "eos_token"));
  if (language_first) {
    out.post.single = {special(language), first, special(eos)};
    out.post.pair = {special(language), first, second(0), special(eos)};
  } else {
    out.post.single = {first, special(eos), special(language)};
    out.post.pair = {first, second(0), special(eos), special(language)};
  }
  return {};
}

result<void> mbart(piece_layout& out) {
  return mbart_with(out, {mbart_languages.begin(), mbart_languages.end()}, false);
}

result<void> mbart50(piece_layout& out) {
  std::vector<std::string> languages(mbart_languages.begin(), mbart_languages.end());
  languages.insert(languages.end(), mbart50_languages.begin(), mbart50_languages.end());
  return mbart_with(out, languages, true);
}

/// <extra_id_0> has the last id.
result<void> t5(piece_layout& out) {
  const std::size_t count = out.settings.extra_ids.value_or(100);
  std::size_t said = 0;
  for (const added_token& each : out.settings.added)
    said += each.content.starts_with("<extra_id_");
  if (out.settings.extra_ids && said != 0 && said != count)
    return error{errc::corrupt, "extra_ids is " + std::to_string(count) + ", but " + std::to_string(said)
                                    + " tokens are called <extra_id_…>"};
  std::vector<std::string> extra;
  for (std::size_t k = count; k-- > 0;)
    extra.push_back("<extra_id_" + std::to_string(k) + ">");
  CHALK_CHECK(out.place({}, 0, extra));
  for (const std::string& each : extra)
    out.add(each);
  CHALK_CHECK(out.add_special({{"eos_token", "</s>"}, {"unk_token", "<unk>"}, {"pad_token", "<pad>"}}));
  CHALK_TRY(const std::int32_t eos, out.id_of(out.named("eos_token", "</s>"), "eos_token"));
  out.post.single = {first, special(eos)};
  out.post.pair = {first, special(eos), second(0), special(eos)};
  return {};
}

/// Ids below the offset are for training: two masks and tokens that never come up.
result<void> pegasus(piece_layout& out) {
  const std::size_t offset = out.settings.offset.value_or(103);
  CHALK_CHECK(refuse(offset < 4, "offset below 4"));
  std::vector<std::string> head{out.named("pad_token", "<pad>"), out.named("eos_token", "</s>"),
                                out.named("mask_token_sent", "<mask_1>"), out.named("mask_token", "<mask_2>")};
  for (std::size_t k = 2; k < offset; ++k)
    head.push_back("<unk_" + std::to_string(k) + ">");
  CHALK_CHECK(out.place(head, 2, {}));
  for (const std::string& each : head)
    out.add(each);
  CHALK_CHECK(out.add_special({{"unk_token", "<unk>"}}));
  CHALK_TRY(const std::int32_t eos, out.id_of(head[1], "eos_token"));
  out.post.single = {first, special(eos)};
  out.post.pair = {first, second(0), special(eos)};
  return {};
}

/// [CLS] A [SEP] B [SEP], of tokens that are pieces or come behind them.
result<void> like_bert(piece_layout& out, const std::vector<std::pair<const char*, const char*>>& roles) {
  CHALK_CHECK(out.place({}, 0, {}));
  CHALK_CHECK(out.add_special(roles));
  CHALK_TRY(const std::int32_t cls, out.id_of(out.named("cls_token", "[CLS]"), "cls_token"));
  CHALK_TRY(const std::int32_t sep, out.id_of(out.named("sep_token", "[SEP]"), "sep_token"));
  out.post.single = {special(cls), first, special(sep)};
  out.post.pair = {special(cls), first, special(sep), second(1), special(sep, 1)};
  return {};
}

normalizer_step quoted(const char* from) {
  normalizer_step step{normalizer_step::kind::replace};
  step.pattern = std::move(text_pattern::string(from)).value();
  step.content.assign(1, U'"');
  return step;
}

result<void> albert(piece_layout& out) {
  using step = normalizer_step::kind;
  out.before.push_back(quoted("``"));
  out.before.push_back(quoted("''"));
  if (!out.settings.keep_accents.value_or(false)) {
    out.before.push_back({step::nfkd});
    out.before.push_back({step::strip_accents});
  }
  if (out.settings.do_lower_case.value_or(true))
    out.before.push_back({step::lowercase});
  // A number does not take the comma behind it: such pieces are made too unlikely to be found.
  for (auto& piece : out.file.pieces)
    if (const std::size_t size = piece.text.size();
        size >= 2 && piece.text[size - 1] == ',' && piece.text[size - 2] >= '0' && piece.text[size - 2] <= '9')
      piece.score -= 100;
  return like_bert(out, {{"bos_token", "[CLS]"},
                         {"eos_token", "[SEP]"},
                         {"unk_token", "<unk>"},
                         {"sep_token", "[SEP]"},
                         {"pad_token", "<pad>"},
                         {"cls_token", "[CLS]"},
                         {"mask_token", "[MASK]"}});
}

result<void> deberta_v2(piece_layout& out) {
  CHALK_CHECK(refuse(out.settings.split_by_punct.value_or(false), "split_by_punct"));
  if (out.settings.do_lower_case.value_or(false))
    out.before.push_back({normalizer_step::kind::lowercase});
  return like_bert(out, {{"bos_token", "[CLS]"},
                         {"eos_token", "[SEP]"},
                         {"unk_token", "[UNK]"},
                         {"sep_token", "[SEP]"},
                         {"pad_token", "[PAD]"},
                         {"cls_token", "[CLS]"},
                         {"mask_token", "[MASK]"}});
}

/// The ids are the file's own.
result<void> llama(piece_layout& out) {
  out.prefix_first_only = true;
  CHALK_CHECK(out.place({}, 0, {}));
  CHALK_CHECK(
      out.add_special({{"bos_token", "<s>"}, {"eos_token", "</s>"}, {"unk_token", "<unk>"}, {"pad_token", ""}}));
  CHALK_TRY(const std::int32_t bos, out.id_of(out.named("bos_token", "<s>"), "bos_token"));
  CHALK_TRY(const std::int32_t eos, out.id_of(out.named("eos_token", "</s>"), "eos_token"));
  const bool begins = out.settings.add_bos_token.value_or(true);
  const bool ends = out.settings.add_eos_token.value_or(false);
  out.post.single.clear();
  out.post.pair.clear();
  for (const auto& [text, into] : {std::pair{first, 0}, std::pair{first, 1}, std::pair{second(1), 1}}) {
    auto& pieces = into == 0 ? out.post.single : out.post.pair;
    if (begins)
      pieces.push_back(special(bos, text.type));
    pieces.push_back(text);
    if (ends)
      pieces.push_back(special(eos, text.type));
  }
  return {};
}

constexpr piece_arrangement all[] = {
    {"XLMRobertaTokenizer", "sentencepiece.bpe.model", xlm_roberta},
    {"MBartTokenizer", "sentencepiece.bpe.model", mbart},
    {"MBart50Tokenizer", "sentencepiece.bpe.model", mbart50},
    {"T5Tokenizer", "spiece.model", t5},
    {"PegasusTokenizer", "spiece.model", pegasus},
    {"AlbertTokenizer", "spiece.model", albert},
    {"DebertaV2Tokenizer", "spm.model", deberta_v2},
    {"LlamaTokenizer", "tokenizer.model", llama},
};

/// Of a directory whose files do not name the class.
constexpr std::pair<std::string_view, std::string_view> by_model_type[] = {{"xlm-roberta", "XLMRobertaTokenizer"},
                                                                           {"mbart", "MBartTokenizer"},
                                                                           {"t5", "T5Tokenizer"},
                                                                           {"mt5", "T5Tokenizer"},
                                                                           {"umt5", "T5Tokenizer"},
                                                                           {"pegasus", "PegasusTokenizer"},
                                                                           {"albert", "AlbertTokenizer"},
                                                                           {"deberta-v2", "DebertaV2Tokenizer"},
                                                                           {"llama", "LlamaTokenizer"},
                                                                           {"mistral", "LlamaTokenizer"}};

} // namespace

result<piece_arrangement> arrangement_for(const tokenizer_settings& settings) {
  std::string_view wanted = settings.tokenizer_class;
  if (wanted.empty())
    for (const auto& [type, its_class] : by_model_type)
      if (type == settings.model_type)
        wanted = its_class;
  for (const piece_arrangement& each : all)
    if (each.tokenizer_class == wanted)
      return each;
  if (!wanted.empty())
    return {errc::unsupported, "tokenizer_config.json: tokenizer_class " + std::string(wanted)
                                   + " is not known to this build without a tokenizer.json"};
  return {errc::unsupported,
          "no tokenizer.json, and neither tokenizer_config.json's tokenizer_class nor config.json's "
          "model_type names a tokenizer this build can make of a SentencePiece file"};
}

} // namespace chalkstream::text
