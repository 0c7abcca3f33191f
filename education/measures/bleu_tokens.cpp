#include "education/measures/bleu_tokens.hpp"

#include "education/characters.hpp"
#include "education/measures/unicode_text.hpp"

#include <algorithm>
#include <array>

namespace chalkstream::education::measures {

namespace {

struct range {
  char32_t first;
  char32_t last;
};

constexpr range chinese[] = {{0x2001, 0x2A6D}, {0x2E80, 0x2EFF}, {0x2F00, 0x2FDF}, {0x2FF0, 0x2FFF}, {0x3000, 0x303F},
                             {0x3100, 0x312F}, {0x31A0, 0x31BF}, {0x31C0, 0x31EF}, {0x3200, 0x33FF}, {0x3400, 0x4DB5},
                             {0x4E00, 0x9FBB}, {0xF900, 0xFA2D}, {0xFA30, 0xFA6A}, {0xFA70, 0xFAD9}, {0xFE10, 0xFE1F},
                             {0xFE30, 0xFE4F}, {0xFF00, 0xFFEF}};

constexpr std::array<std::string_view, 4> names = {"13a", "zh", "char", "none"};

bool is_chinese(char32_t c) {
  return std::any_of(std::begin(chinese), std::end(chinese),
                     [c](const range& r) { return c >= r.first && c <= r.last; });
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_stop(char c) {
  return c == '.' || c == ',';
}

/// ASCII that is neither letter nor digit nor control, but for apostrophe, comma, hyphen and full stop.
bool stands_alone(char c) {
  return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') || (c >= '(' && c <= '+')
         || (c >= ':' && c <= '@') || c == '/';
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

// Each pass reads what the one before it wrote, left to right, and does not look again at what it has matched: the
// substitutions of mteval-v13a one after the other. All of them are about ASCII, so bytes will do.

std::string punctuation_apart(std::string_view text) {
  std::string out;
  for (const auto c : text)
    if (stands_alone(c))
      out.append({' ', c, ' '});
    else
      out += c;
  return out;
}

std::string stops_after_other_than_digits(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (i + 1 < text.size() && !is_digit(text[i]) && is_stop(text[i + 1]))
      out.append({' ', text[++i], ' '});
  }
  return out;
}

std::string stops_before_other_than_digits(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i + 1 < text.size() && is_stop(text[i]) && !is_digit(text[i + 1])) {
      out.append({' ', text[i], ' ', text[i + 1]});
      ++i;
    } else {
      out += text[i];
    }
  return out;
}

std::string hyphens_after_digits(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (i + 1 < text.size() && is_digit(text[i]) && text[i + 1] == '-')
      out.append({' ', text[++i], ' '});
  }
  return out;
}

std::string western(std::string_view text) {
  return hyphens_after_digits(stops_before_other_than_digits(stops_after_other_than_digits(punctuation_apart(text))));
}

std::string v13a(std::string_view line) {
  std::string text{line};
  replace_all(text, "<skipped>", "");
  replace_all(text, "-\n", "");
  replace_all(text, "\n", " ");
  replace_all(text, "&quot;", "\"");
  replace_all(text, "&amp;", "&");
  replace_all(text, "&lt;", "<");
  replace_all(text, "&gt;", ">");
  return western(" " + text + " ");
}

std::string zh(std::string_view line) {
  std::string text;
  for (const auto c : code_points(stripped(line))) {
    const auto alone = is_chinese(c);
    text.append(alone ? " " : "");
    append_utf8(text, c);
    text.append(alone ? " " : "");
  }
  return western(text);
}

} // namespace

std::optional<bleu_tokenizer> bleu_tokenizer_from(std::string_view name) {
  for (std::size_t k = 0; k < names.size(); ++k)
    if (names[k] == name)
      return static_cast<bleu_tokenizer>(k);
  return std::nullopt;
}

std::string_view to_string(bleu_tokenizer kind) {
  return names[static_cast<std::size_t>(kind)];
}

std::vector<std::string> bleu_tokens(std::string_view text, bleu_tokenizer kind) {
  const auto line = stripped_right(text);
  std::vector<std::string> tokens;
  if (kind == bleu_tokenizer::characters) {
    for (const auto c : code_points(line))
      if (!is_python_space(c))
        tokens.push_back(utf8({&c, 1}));
    return tokens;
  }
  const auto apart = kind == bleu_tokenizer::v13a ? v13a(line)
                     : kind == bleu_tokenizer::zh ? zh(line)
                                                  : std::string{line};
  for (const auto word : split_words(apart))
    tokens.emplace_back(word);
  return tokens;
}

} // namespace chalkstream::education::measures
