#include "models/text/match_split.hpp"

#include <algorithm>

namespace chalkstream::text {

namespace {

using behavior = pre_tokenizer_step::behavior;

/// Takes the stretches of a word from left to right and gives words.
class cutter {
public:
  cutter(behavior how, std::vector<text_span>& out) : how_(how), out_(out), first_(out.size()) {}

  void take(text_span each, bool match) {
    const bool drops = how_ == behavior::removed && match;
    if (!drops && joins(match))
      out_.back().end = each.end;
    else if (!drops)
      out_.push_back(each);
    previous_ = match;
  }

private:
  /// The stretch goes into the word before it.
  bool joins(bool match) const {
    if (out_.size() == first_)
      return false;
    switch (how_) {
    case behavior::removed:
    case behavior::isolated:
      return false;
    case behavior::contiguous:
      return match == previous_;
    case behavior::merged_with_previous:
      return match && !previous_;
    case behavior::merged_with_next:
      return !match && previous_;
    }
    return false;
  }

  const behavior how_;
  std::vector<text_span>& out_;
  const std::size_t first_;
  bool previous_ = false; // the stretch before matched
};

} // namespace

void cut_at_matches(text_span whole, std::span<const text_span> matches, behavior how, bool invert,
                    std::vector<text_span>& out) {
  const auto first = static_cast<std::ptrdiff_t>(out.size());
  cutter words(how, out);
  std::size_t at = whole.begin;
  for (const text_span& each : matches) {
    const text_span match{whole.begin + each.begin, whole.begin + each.end};
    if (at < match.begin)
      words.take({at, match.begin}, invert);
    words.take(match, !invert);
    at = match.end;
  }
  if (at < whole.end)
    words.take({at, whole.end}, invert);
  // Of empty matches; until here they kept apart what lies around them.
  const auto empty = [](const text_span& each) { return each.begin == each.end; };
  out.erase(std::remove_if(out.begin() + first, out.end(), empty), out.end());
}

} // namespace chalkstream::text
