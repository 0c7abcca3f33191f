#include "education/pseudonym.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace chalkstream::education {

namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t block_bytes = 64;
constexpr std::size_t pseudonym_bytes = 16;
using digest = std::array<unsigned char, 32>;

struct free_context {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using context_ptr = std::unique_ptr<EVP_MD_CTX, free_context>;

struct file_descriptor {
  int number = -1;
  ~file_descriptor() {
    if (number >= 0)
      ::close(number);
  }
};

std::string hex(std::span<const unsigned char> bytes) {
  constexpr char symbols[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (auto byte : bytes) {
    text += symbols[byte >> 4];
    text += symbols[byte & 15];
  }
  return text;
}

error file_error(const char* what, const std::filesystem::path& file) {
  return {errc::io, std::string{what} + " the pseudonym key " + file.string() + ": " + std::strerror(errno)};
}

result<void> make_key(const std::filesystem::path& file) {
  std::array<unsigned char, key_bytes> key;
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1)
    return {errc::io, "no random bytes for the pseudonym key"};
  std::error_code ignored;
  if (file.has_parent_path())
    std::filesystem::create_directories(file.parent_path(), ignored);
  // Written beside its place and linked into it: nobody ever reads half a key, and the first of two makers wins.
  const auto draft = file.string() + "." + std::to_string(::getpid()) + ".draft";
  file_descriptor out{::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (out.number < 0)
    return file_error("cannot create", file);
  const bool written =
      ::write(out.number, key.data(), key.size()) == static_cast<ssize_t>(key.size()) && ::fsync(out.number) == 0;
  OPENSSL_cleanse(key.data(), key.size());
  const bool placed = written && (::link(draft.c_str(), file.c_str()) == 0 || errno == EEXIST);
  const int why = errno;
  ::unlink(draft.c_str());
  errno = why;
  if (!placed)
    return file_error("cannot write", file);
  return {};
}

} // namespace

struct pseudonymiser::state {
  context_ptr inner; // after the inner pad
  context_ptr outer; // after the outer pad
  std::string prefix;

  digest mac(std::string_view first, bool separated, std::string_view second) const {
    thread_local const context_ptr scratch{EVP_MD_CTX_new()};
    digest sum;
    bool fine = EVP_MD_CTX_copy_ex(scratch.get(), inner.get()) == 1
                && EVP_DigestUpdate(scratch.get(), first.data(), first.size()) == 1;
    if (separated)
      fine = fine && EVP_DigestUpdate(scratch.get(), "\0", 1) == 1;
    fine = fine && EVP_DigestUpdate(scratch.get(), second.data(), second.size()) == 1
           && EVP_DigestFinal_ex(scratch.get(), sum.data(), nullptr) == 1
           && EVP_MD_CTX_copy_ex(scratch.get(), outer.get()) == 1
           && EVP_DigestUpdate(scratch.get(), sum.data(), sum.size()) == 1
           && EVP_DigestFinal_ex(scratch.get(), sum.data(), nullptr) == 1;
    // Only a failed allocation inside the library leads here; going on would let a raw or constant id out.
    if (!fine)
      std::terminate();
    return sum;
  }
};

pseudonymiser::pseudonymiser(std::unique_ptr<state> state) : state_(std::move(state)) {}
pseudonymiser::~pseudonymiser() = default;

result<std::shared_ptr<const pseudonymiser>> pseudonymiser::from_key(std::span<const unsigned char> key) {
  if (key.size() < key_bytes)
    return {errc::invalid_argument,
            "a pseudonym key needs at least 32 bytes, this one has " + std::to_string(key.size())};
  std::array<unsigned char, block_bytes> block{};
  auto made = std::make_unique<state>();
  made->inner.reset(EVP_MD_CTX_new());
  made->outer.reset(EVP_MD_CTX_new());
  bool fine = made->inner && made->outer;
  if (key.size() > block_bytes)
    fine = fine && EVP_Digest(key.data(), key.size(), block.data(), nullptr, EVP_sha256(), nullptr) == 1;
  else
    std::memcpy(block.data(), key.data(), key.size());
  const auto absorb = [&](EVP_MD_CTX* context, unsigned char pad) {
    auto padded = block;
    for (auto& byte : padded)
      byte ^= pad;
    const bool absorbed = EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1
                          && EVP_DigestUpdate(context, padded.data(), padded.size()) == 1;
    OPENSSL_cleanse(padded.data(), padded.size());
    return absorbed;
  };
  fine = fine && absorb(made->inner.get(), 0x36) && absorb(made->outer.get(), 0x5c);
  OPENSSL_cleanse(block.data(), block.size());
  if (!fine)
    return {errc::internal, "the cryptographic library has no SHA-256"};
  const auto fingerprint = made->mac("chalkstream key id", false, {});
  made->prefix = hex({fingerprint.data(), 4}) + ".";
  return std::shared_ptr<const pseudonymiser>{new pseudonymiser{std::move(made)}};
}

result<std::shared_ptr<const pseudonymiser>> pseudonymiser::from_file(const std::filesystem::path& file) {
  file_descriptor in{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (in.number < 0 && errno == ENOENT) {
    CHALK_CHECK(make_key(file));
    in.number = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  }
  struct stat facts {};
  if (in.number < 0 || ::fstat(in.number, &facts) != 0)
    return file_error("cannot open", file);
  if (!S_ISREG(facts.st_mode))
    return {errc::invalid_configuration, file.string() + " is not a file; a pseudonym key is a file of 32 bytes"};
  if ((facts.st_mode & 07) != 0)
    return {errc::invalid_configuration, file.string() + " can be accessed by everybody; a key needs mode 0600"};
  std::array<unsigned char, key_bytes + 1> bytes;
  const auto count = ::read(in.number, bytes.data(), bytes.size());
  if (count < 0)
    return file_error("cannot read", file);
  if (count != static_cast<ssize_t>(key_bytes))
    return {errc::invalid_configuration, file.string() + " is not a pseudonym key: it must hold exactly 32 bytes"};
  auto loaded = from_key({bytes.data(), key_bytes});
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return loaded;
}

std::string pseudonymiser::pseudonym(std::string_view tenant, std::string_view learner) const {
  const auto sum = state_->mac(tenant, true, learner);
  return state_->prefix + hex({sum.data(), pseudonym_bytes});
}

} // namespace chalkstream::education
