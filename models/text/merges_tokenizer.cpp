#include "models/text/merges_tokenizer.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "models/text/json_section.hpp"
#include "models/text/tokenizer_parts_json.hpp"
#include "models/text/tokenizer_settings.hpp"

namespace chalkstream::text {

namespace {

constexpr std::size_t max_file_bytes = std::size_t{64} << 20;
constexpr const char* ids_file = "vocab.json";
constexpr const char* merges_file = "merges.txt";

struct role {
  const char* name;
  const char* content; // where the directory does not say
};
constexpr std::array roberta_roles{
    role{"bos_token", "<s>"},   role{"eos_token", "</s>"},  role{"sep_token", "</s>"},   role{"cls_token", "<s>"},
    role{"unk_token", "<unk>"}, role{"pad_token", "<pad>"}, role{"mask_token", "<mask>"}};
constexpr std::array gpt2_roles{role{"bos_token", "<|endoftext|>"}, role{"eos_token", "<|endoftext|>"},
                                role{"unk_token", "<|endoftext|>"}};

error corrupt(const std::string& what) {
  return {errc::corrupt, what};
}

result<std::vector<std::pair<std::string, std::string>>> read_merges(const std::filesystem::path& directory) {
  CHALK_TRY(const std::string text, read_file(directory / merges_file, max_file_bytes));
  std::vector<std::pair<std::string, std::string>> merges;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    auto line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    if (line.empty() || line.starts_with("#version"))
      continue;
    const auto space = line.find(' ');
    if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos)
      return corrupt(std::string(merges_file) + ": line " + std::to_string(number) + " is not a pair of tokens");
    merges.emplace_back(line.substr(0, space), line.substr(space + 1));
  }
  return merges;
}

result<void> check_merges(const bpe_description& model) {
  const std::unordered_set<std::string_view> known(model.vocabulary.begin(), model.vocabulary.end());
  const auto unknown = std::find_if(model.merges.begin(), model.merges.end(), [&](const auto& merge) {
    const auto& [first, second] = merge;
    return !known.contains(first) || !known.contains(second) || !known.contains(first + second);
  });
  if (unknown == model.merges.end())
    return {};
  return corrupt(std::string(merges_file) + ": '" + unknown->first + " " + unknown->second
                 + "' or what it makes is not in " + ids_file);
}

class special_tokens {
public:
  explicit special_tokens(const std::vector<std::string>& vocabulary) : next_(vocabulary.size()) {
    for (std::size_t id = 0; id < vocabulary.size(); ++id)
      ids_.emplace(vocabulary[id], static_cast<std::int32_t>(id));
  }

  /// With the id it has in the vocabulary, or the next one behind it.
  result<void> add(added_token token) {
    const auto [known, is_new] = ids_.emplace(token.content, static_cast<std::int32_t>(next_));
    if (token.id != tokenizer_settings::no_id && token.id != known->second)
      return corrupt("tokenizer_config.json: the token " + token.content + " has the id " + std::to_string(token.id)
                     + "; by " + ids_file + " it is " + std::to_string(known->second));
    next_ += is_new ? 1 : 0;
    token.id = known->second;
    const auto same = [&](const added_token& each) { return each.content == token.content; };
    if (std::ranges::none_of(all, same))
      all.push_back(std::move(token));
    return {};
  }

  std::vector<added_token> all;

private:
  std::unordered_map<std::string, std::int32_t> ids_;
  std::size_t next_;
};

added_token named(const tokenizer_settings& settings, const role& of) {
  const auto said = settings.named.find(of.name);
  if (said != settings.named.end())
    return said->second;
  added_token token;
  token.content = of.content;
  token.id = tokenizer_settings::no_id;
  token.special = true;
  return token;
}

template <class Roles>
result<std::vector<added_token>> read_added(tokenizer_settings settings, const Roles& roles,
                                            const std::vector<std::string>& vocabulary) {
  special_tokens special(vocabulary);
  std::ranges::stable_sort(settings.added, {}, [](const added_token& token) { return token.id; });
  for (auto& token : settings.added)
    CHALK_CHECK(special.add(std::move(token)));
  for (const auto& each : roles)
    CHALK_CHECK(special.add(named(settings, each)));
  for (const auto& [name, token] : settings.named)
    CHALK_CHECK(special.add(token));
  return std::move(special.all);
}

std::int32_t id_of(const std::vector<added_token>& added, const added_token& token) {
  return std::ranges::find(added, token.content, &added_token::content)->id;
}

post_processor framed(std::int32_t begin, std::int32_t end, bool prefix) {
  using kind = template_piece::kind;
  const template_piece first{kind::special, 0, {begin}}, last{kind::special, 0, {end}};
  post_processor post;
  post.single = {first, {kind::first, 0, {}}, last};
  post.pair = {first, {kind::first, 0, {}}, last, last, {kind::second, 0, {}}, last};
  post.trims.push_back({prefix});
  return post;
}

} // namespace

bool has_merges(const std::filesystem::path& directory) {
  std::error_code ignored;
  return std::filesystem::exists(directory / ids_file, ignored)
         && std::filesystem::exists(directory / merges_file, ignored);
}

result<tokenizer_description> read_merges_tokenizer(const std::filesystem::path& directory) {
  CHALK_TRY(auto settings, tokenizer_settings::read(directory));
  const auto& kind = settings.tokenizer_class;
  const bool frames = kind == "RobertaTokenizer" || kind == "BartTokenizer";
  if (!frames && kind != "GPT2Tokenizer")
    return error{errc::unsupported, "tokenizer_config.json: tokenizer_class '" + kind
                                        + "' is not one this build reads from " + merges_file
                                        + " (RobertaTokenizer, BartTokenizer, GPT2Tokenizer)"};
  if (settings.add_bos_token.value_or(false) || settings.add_eos_token.value_or(false))
    return error{errc::unsupported,
                 "tokenizer_config.json: add_bos_token and add_eos_token are not known to this build"};
  const bool prefix = settings.add_prefix_space.value_or(false);

  tokenizer_description made;
  bpe_description model;
  CHALK_TRY(model.vocabulary, read_vocabulary_file(directory, ids_file, max_file_bytes));
  CHALK_TRY(model.merges, read_merges(directory));
  CHALK_CHECK(check_merges(model));
  pre_tokenizer_step bytes{pre_tokenizer_step::kind::byte_level};
  bytes.prepend = prefix ? pre_tokenizer_step::prepend_scheme::always : pre_tokenizer_step::prepend_scheme::never;
  bytes.pattern = text_pattern::gpt2();
  made.pre_tokenizer.push_back(std::move(bytes));
  made.decoder.emplace({decoder_step{decoder_step::kind::byte_level}});
  const auto begin = named(settings, roberta_roles[3]), end = named(settings, roberta_roles[2]);
  CHALK_TRY(made.added, frames ? read_added(std::move(settings), roberta_roles, model.vocabulary)
                               : read_added(std::move(settings), gpt2_roles, model.vocabulary));
  if (frames)
    made.post = framed(id_of(made.added, begin), id_of(made.added, end), prefix);
  made.model = std::move(model);
  return made;
}

} // namespace chalkstream::text
