#include "education/digest.hpp"

#include <array>
#include <exception>
#include <memory>
#include <openssl/evp.h>

namespace chalkstream::education {

std::string sha256_hex(std::string_view bytes) {
  struct free_context {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  };
  thread_local const std::unique_ptr<EVP_MD_CTX, free_context> context{EVP_MD_CTX_new()};
  std::array<unsigned char, 32> sum;
  if (EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1
      || EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) != 1
      || EVP_DigestFinal_ex(context.get(), sum.data(), nullptr) != 1)
    std::terminate(); // only a failed allocation inside the library leads here
  constexpr char hex[] = "0123456789abcdef";
  std::string digits;
  digits.reserve(2 * sum.size());
  for (const auto byte : sum) {
    digits += hex[byte >> 4];
    digits += hex[byte & 15];
  }
  return digits;
}

} // namespace chalkstream::education
