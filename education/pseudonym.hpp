// Learner ids end here: what goes on is HMAC-SHA-256(key, tenant ‖ 0 ‖ learner) (RFC 2104, FIPS 198-1), cut to 128
// bits. The same learner has the same pseudonym as long as the key lives, and different ones in different tenants;
// whoever destroys the key has made every pseudonym made with it unlinkable.
#pragma once

#include "core/error.hpp"

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace chalkstream::education {

class pseudonymiser {
public:
  /// 32 bytes or more; they are not kept, only the hash states derived from them.
  static result<std::shared_ptr<const pseudonymiser>> from_key(std::span<const unsigned char> key);

  /// Reads a file of exactly 32 bytes that others than its owner and group cannot access. If there is none it makes
  /// one with random bytes and mode 0600, missing folders included; of two processes that do so at once, one wins and
  /// both use its key. Errors name the file, never its content.
  static result<std::shared_ptr<const pseudonymiser>> from_file(const std::filesystem::path& file);

  ~pseudonymiser();

  /// "<key id>.<32 hex digits>"; the key id (8 hex digits) tells which key made it and nothing else. About 1 µs.
  /// Thread-safe. `tenant` must not contain a NUL byte (the decoder sees to that).
  std::string pseudonym(std::string_view tenant, std::string_view learner) const;

private:
  struct state;
  explicit pseudonymiser(std::unique_ptr<state> state);
  std::unique_ptr<state> state_;
};

} // namespace chalkstream::education
