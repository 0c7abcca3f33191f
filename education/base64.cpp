#include "education/base64.hpp"

#include <algorithm>
#include <limits>
#include <openssl/evp.h>

namespace chalkstream::education {

// EVP_DecodeBlock skips blanks at either end and counts padding as zero bytes; neither is wanted.
std::optional<std::string> decode_base64(std::string_view text) {
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const auto letters = text.substr(0, text.size() - padding);
  const auto is_letter = [](unsigned char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' || c == '/';
  };
  if (text.size() % 4 != 0 || text.size() > std::size_t{std::numeric_limits<int>::max()}
      || !std::all_of(letters.begin(), letters.end(), is_letter))
    return {};
  std::string bytes(text.size() / 4 * 3, '\0');
  const auto* from = reinterpret_cast<const unsigned char*>(text.data());
  const int made =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), from, static_cast<int>(text.size()));
  if (made < 0)
    return {};
  bytes.resize(static_cast<std::size_t>(made) - padding);
  return bytes;
}

} // namespace chalkstream::education
