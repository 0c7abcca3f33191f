#include "models/text/offset_trim.hpp"

#include <algorithm>

#include "models/text/byte_alphabet.hpp"
#include "models/text/unicode.hpp"
#include "models/text/utf8.hpp"

namespace chalkstream::text {

token_edges edges_of(std::string_view token) {
  token_edges edges;
  bool inside = false;
  for (const char* at = token.data(); at < token.data() + token.size();) {
    const char32_t cp = decode_utf8(at);
    if (cp == byte_level_space || unicode::is_whitespace(cp)) {
      edges.leading += inside ? 0 : 1;
      ++edges.trailing;
    } else {
      inside = true;
      edges.trailing = 0;
    }
  }
  return edges;
}

std::pair<std::uint32_t, std::uint32_t> trimmed(std::pair<std::uint32_t, std::uint32_t> offsets, token_edges edges,
                                                bool is_first, const std::vector<offset_trim>& trims) {
  auto& [begin, end] = offsets;
  for (const offset_trim& trim : trims) {
    const bool added = trim.add_prefix_space && edges.leading == 1 && (is_first || begin == 0);
    if (!added)
      begin = std::min(begin + edges.leading, end);
    if (end >= edges.trailing)
      end = std::max(end - edges.trailing, begin);
  }
  return offsets;
}

} // namespace chalkstream::text
