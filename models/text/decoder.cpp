#include "models/text/decoder.hpp"

#include <algorithm>
#include <string_view>

#include "models/text/byte_alphabet.hpp"
#include "models/text/utf8.hpp"

namespace chalkstream::text {

namespace {

using kind = decoder_step::kind;

std::string with_replaced(std::string_view text, std::string_view from, std::string_view to) {
  if (from.empty())
    return std::string(text);
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t found = std::min(text.find(from, at), text.size());
    out.append(text.substr(at, found - at));
    if (found == text.size())
      return out;
    out.append(to);
    at = found + from.size();
  }
}

std::string cleaned_up(std::string text) {
  constexpr std::pair<std::string_view, std::string_view> rules[] = {
      {" .", "."},   {" ?", "?"},           {" !", "!"},   {" ,", ","},     {" ' ", "'"},   {" n't", "n't"},
      {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  for (const auto& [from, to] : rules)
    if (text.find(from) != std::string::npos)
      text = with_replaced(text, from, to);
  return text;
}

template <class Each>
void for_each_character(std::string_view text, Each each) {
  for (const char* at = text.data(); at < text.data() + text.size();) {
    const char* const begin = at;
    const char32_t cp = decode_utf8(at);
    each(cp, std::string_view(begin, static_cast<std::size_t>(at - begin)));
  }
}

void join_wordpieces(const decoder_step& step, std::vector<std::string>& tokens) {
  for (std::size_t k = 0; k < tokens.size(); ++k) {
    std::string& token = tokens[k];
    if (k != 0 && token.starts_with(step.from))
      token.erase(0, step.from.size());
    else if (k != 0)
      token.insert(0, 1, ' ');
    if (step.cleanup)
      token = cleaned_up(std::move(token));
  }
}

void read_bytes(std::vector<std::string>& tokens) {
  std::string bytes;
  for (const std::string& token : tokens) {
    const std::size_t before = bytes.size();
    bool all = true;
    for_each_character(token, [&](char32_t cp, std::string_view) {
      const auto byte = character_byte(cp);
      all = all && byte.has_value();
      bytes.push_back(static_cast<char>(byte.value_or(0)));
    });
    if (!all) // an added token, perhaps: it stands for itself
      bytes.replace(before, std::string::npos, token);
  }
  tokens.assign(1, repaired_utf8(bytes));
}

void read_spaces(const decoder_step& step, std::vector<std::string>& tokens) {
  for (std::size_t k = 0; k < tokens.size(); ++k) {
    std::string out;
    for_each_character(tokens[k], [&](char32_t cp, std::string_view bytes) {
      if (cp != step.character)
        out.append(bytes);
      else if (k != 0 || !step.drop_first)
        out.push_back(' ');
    });
    tokens[k] = std::move(out);
  }
}

void fall_forward(std::vector<std::string>& tokens) {
  std::vector<std::string> out;
  std::string bytes;
  const auto flush = [&] {
    if (is_valid_utf8(bytes) && !bytes.empty())
      out.push_back(bytes);
    else
      out.insert(out.end(), bytes.size(), "\xEF\xBF\xBD");
    bytes.clear();
  };
  for (std::string& token : tokens) {
    if (const auto byte = token_byte(token)) {
      bytes.push_back(static_cast<char>(*byte));
      continue;
    }
    flush();
    out.push_back(std::move(token));
  }
  flush();
  tokens.swap(out);
}

void strip(const decoder_step& step, std::string& token) {
  char encoded[4];
  const std::string_view mark(encoded, encode_utf8(step.character, encoded));
  std::string_view left(token);
  for (std::size_t k = 0; k < step.start && left.starts_with(mark); ++k)
    left.remove_prefix(mark.size());
  for (std::size_t k = 0; k < step.stop && left.ends_with(mark); ++k)
    left.remove_suffix(mark.size());
  token = std::string(left);
}

bool replace(const decoder_step& step, std::string& token) {
  normalized_text text;
  text.assign(token, 0);
  std::vector<text_span> matches;
  if (!step.pattern->find_all(text.characters, matches))
    return false;
  std::string out;
  std::size_t done = 0;
  const auto keep_until = [&](std::size_t end) {
    for (; done < end; ++done) {
      char bytes[4];
      out.append(bytes, encode_utf8(text.characters[done].cp, bytes));
    }
  };
  for (const text_span& match : matches) {
    keep_until(match.begin);
    out += step.to;
    done = match.end;
  }
  keep_until(text.characters.size());
  token = std::move(out);
  return true;
}

void collapse(const decoder_step& step, std::vector<std::string>& tokens) {
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  for (std::string& token : tokens) {
    token = with_replaced(token, step.from, "");
    if (step.cleanup)
      token = with_replaced(cleaned_up(std::move(token)), step.to, " ");
  }
  std::erase_if(tokens, [](const std::string& token) { return token.empty(); });
}

std::string joined(const std::vector<std::string>& tokens) {
  std::string out;
  for (const std::string& token : tokens)
    out += token;
  return out;
}

bool apply(const decoder_step& step, std::vector<std::string>& tokens) {
  switch (step.what) {
  case kind::wordpiece:
    join_wordpieces(step, tokens);
    break;
  case kind::byte_level:
    read_bytes(tokens);
    break;
  case kind::metaspace:
    read_spaces(step, tokens);
    break;
  case kind::bpe:
    for (std::size_t k = 0; k < tokens.size(); ++k)
      tokens[k] = with_replaced(tokens[k], step.from, k + 1 == tokens.size() ? "" : " ");
    break;
  case kind::byte_fallback:
    fall_forward(tokens);
    break;
  case kind::fuse:
    tokens.assign(1, joined(tokens));
    break;
  case kind::strip:
    for (std::string& token : tokens)
      strip(step, token);
    break;
  case kind::replace:
    return std::all_of(tokens.begin(), tokens.end(), [&](std::string& token) { return replace(step, token); });
  case kind::ctc:
    collapse(step, tokens);
    break;
  }
  return true;
}

} // namespace

std::optional<std::string> decoder::join(std::vector<std::string> tokens) const {
  for (const decoder_step& step : steps_)
    if (!apply(step, tokens))
      return std::nullopt;
  return joined(tokens);
}

} // namespace chalkstream::text
