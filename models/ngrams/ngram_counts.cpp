#include "models/ngrams/ngram_counts.hpp"

#include "models/text/unicode.hpp"
#include "models/text/utf8.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>
#include <string>

namespace chalkstream::models {
namespace {

namespace unicode = text::unicode;

constexpr std::uint64_t of_characters = 0x243f6a8885a308d3; // of pi: two seeds that have nothing in common
constexpr std::uint64_t of_words = 0x13198a2e03707344;

// FNV-1a over code points.
constexpr std::uint64_t extended(std::uint64_t hash, char32_t with) noexcept {
  return (hash ^ with) * 0x100000001b3;
}

// MurmurHash3's last step: every bit of the input reaches the upper ones.
constexpr std::uint64_t stirred(std::uint64_t hash) noexcept {
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
  hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
  return hash ^ (hash >> 33);
}

std::u32string lowered(std::string_view text) {
  std::u32string points;
  points.reserve(text.size());
  for (const char* at = text.data(); at != text.data() + text.size();) {
    const auto lower = unicode::lower(text::decode_utf8(at));
    points.append(lower.points.data(), lower.size);
  }
  return points;
}

// The longest runs of code points for which `within` holds.
template <class Within>
std::vector<std::u32string_view> runs_of(std::u32string_view text, Within within) {
  std::vector<std::u32string_view> runs;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (end < text.size() && within(text[end]))
      ++end;
    if (end > begin)
      runs.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return runs;
}

class bucket_list {
public:
  explicit bucket_list(const ngram_settings& settings) : settings_(settings) {}

  void add_characters(std::u32string_view word) {
    const auto padded = U' ' + std::u32string(word) + U' ';
    for (std::size_t begin = 0; begin + settings_.shortest_characters <= padded.size(); ++begin) {
      auto hash = of_characters;
      const auto longest = std::min(settings_.longest_characters, padded.size() - begin);
      for (std::size_t length = 1; length <= longest; ++length) {
        hash = extended(hash, padded[begin + length - 1]);
        if (length >= settings_.shortest_characters)
          buckets_.push_back(bucket(hash));
      }
    }
  }

  void add_words(std::span<const std::u32string_view> words) {
    for (std::size_t begin = 0; begin < words.size(); ++begin) {
      auto hash = of_words;
      const auto longest = std::min(settings_.longest_words, words.size() - begin);
      for (std::size_t length = 1; length <= longest; ++length) {
        for (const auto c : words[begin + length - 1])
          hash = extended(hash, c);
        hash = extended(hash, U' ');
        buckets_.push_back(bucket(hash) + (std::uint32_t{1} << settings_.bits));
      }
    }
  }

  std::vector<ngram_counts::count> counted() {
    std::sort(buckets_.begin(), buckets_.end());
    std::vector<ngram_counts::count> runs;
    for (const auto b : buckets_) {
      if (runs.empty() || runs.back().bucket != b)
        runs.push_back({b, 0});
      ++runs.back().times;
    }
    return runs;
  }

private:
  std::uint32_t bucket(std::uint64_t hash) const noexcept {
    return static_cast<std::uint32_t>(stirred(hash) >> (64 - settings_.bits));
  }

  const ngram_settings& settings_;
  std::vector<std::uint32_t> buckets_;
};

std::array<float, text_shape_width> shape_of(std::u32string_view text, std::span<const std::u32string_view> words) {
  const auto characters = static_cast<double>(text.size());
  const auto count = std::max<double>(static_cast<double>(words.size()), 1);
  const auto share = [count](double of) { return of / count; };
  const auto how_many = [text](auto which) { return static_cast<double>(std::count_if(text.begin(), text.end(), which)); };
  const auto longer_than = [words](std::size_t length) {
    return static_cast<double>(
        std::count_if(words.begin(), words.end(), [length](auto w) { return w.size() > length; }));
  };
  const auto sentences = std::max(1.0, how_many([](char32_t c) { return c == U'.' || c == U'!' || c == U'?'; }));
  const auto different = static_cast<double>(std::set<std::u32string_view>(words.begin(), words.end()).size());
  const std::array<double, text_shape_width> shape{std::log1p(count),
                                                   std::log1p(characters),
                                                   share(characters),
                                                   count / sentences,
                                                   different / std::sqrt(count),
                                                   share(how_many([](char32_t c) { return c == U','; })),
                                                   std::log1p(how_many([](char32_t c) { return c == U'\n'; })),
                                                   share(longer_than(6)),
                                                   share(longer_than(9))};
  std::array<float, text_shape_width> rounded{};
  std::transform(shape.begin(), shape.end(), rounded.begin(), [](double x) { return static_cast<float>(x); });
  return rounded;
}

} // namespace

ngram_counts count_ngrams(std::string_view text, const ngram_settings& settings) {
  const auto points = lowered(text);
  const auto pieces = runs_of(points, [](char32_t c) { return !unicode::is_whitespace(c); });
  bucket_list buckets(settings);
  for (const auto piece : pieces)
    buckets.add_characters(piece);
  buckets.add_words(runs_of(points, unicode::is_word_character));
  return {buckets.counted(), shape_of(points, pieces)};
}

} // namespace chalkstream::models
