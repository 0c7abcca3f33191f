#include "pipelines/tools/training/writing_pairs.hpp"

#include <utility>

namespace chalkstream::pipelines::tools {

namespace {

using tokens = std::vector<std::int32_t>;

result<tokens> encode(const text::tokenizer& by, std::string_view text, bool special, std::size_t most) {
  text::encode_options options;
  options.special_tokens = special;
  options.cut = text::truncation::only_first;
  options.max_tokens = most;
  options.offsets = false;
  CHALK_TRY(auto encoded, by.encode(text, options));
  if (encoded.ids.empty())
    return error{errc::invalid_argument, "the text has no tokens"};
  return std::move(encoded.ids);
}

result<tokens> encode_target(std::string_view text, const pair_tokenizing& how) {
  const auto around = how.bare_targets ? (how.first ? 2U : 1U) : 0U;
  if (how.max_target <= around)
    return error{errc::invalid_argument, "no room is left for a target"};
  CHALK_TRY(auto ids, encode(how.targets, text, !how.bare_targets, how.max_target - around));
  if (how.bare_targets && how.first)
    ids.insert(ids.begin(), *how.first);
  if (how.end && ids.back() != *how.end) {
    if (ids.size() == how.max_target)
      ids.pop_back();
    ids.push_back(*how.end);
  }
  return ids;
}

} // namespace

result<std::vector<writing_pair>> tokenize_pairs(const example_set& set, const pair_tokenizing& how) {
  std::vector<writing_pair> all;
  for (const auto& example : set.examples) {
    const auto located = [&](const error& why) { return error{why.code, set.place(example) + ": " + why.message}; };
    auto source = encode(how.texts, how.prefix + example.text, true, how.max_source);
    if (!source)
      return located(source.error());
    auto target = encode_target(example.target, how);
    if (!target)
      return located(target.error());
    all.push_back({std::move(*source), std::move(*target)});
  }
  return all;
}

} // namespace chalkstream::pipelines::tools
