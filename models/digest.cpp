#include "models/digest.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <openssl/evp.h>
#include <unistd.h>

namespace chalkstream::models {
namespace {

class hasher {
public:
  hasher() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }

  void update(const void* bytes, std::size_t size) { EVP_DigestUpdate(context_.get(), bytes, size); }

  std::string hex() {
    std::array<unsigned char, 32> raw{};
    EVP_DigestFinal_ex(context_.get(), raw.data(), nullptr);
    std::string text;
    for (const unsigned char byte : raw) {
      text += "0123456789abcdef"[byte >> 4];
      text += "0123456789abcdef"[byte & 15];
    }
    return text;
  }

private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

result<std::string> hash_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return {errc::io, file.string() + ": cannot be opened: " + std::strerror(errno)};
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  hasher sum;
  std::vector<char> buffer(256u << 10);
  for (;;) {
    const auto got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0) {
      const int code = errno;
      ::close(descriptor);
      return {errc::io, file.string() + ": cannot be read: " + std::strerror(code)};
    }
    if (got == 0)
      break;
    sum.update(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(descriptor);
  return sum.hex();
}

// One small file per digested file, named by the digest of its path; its only line repeats the stamp.
std::string stamp_line(const file_stamp& stamp) {
  return std::to_string(stamp.device) + " " + std::to_string(stamp.inode) + " " + std::to_string(stamp.size) + " "
         + std::to_string(stamp.modified_ns) + " " + std::to_string(stamp.changed_ns) + " ";
}

std::filesystem::path cache_file(const std::filesystem::path& directory, const file_stamp& stamp) {
  std::error_code none;
  return directory / ("digest-" + sha256(std::filesystem::absolute(stamp.path, none).string()).substr(0, 32));
}

std::string cached(const std::filesystem::path& directory, const file_stamp& stamp) {
  std::ifstream in(cache_file(directory, stamp));
  std::string line;
  const auto expected = stamp_line(stamp);
  if (!std::getline(in, line) || !line.starts_with(expected))
    return {};
  auto hex = line.substr(expected.size());
  const bool valid = hex.size() == 64 && hex.find_first_not_of("0123456789abcdef") == std::string::npos;
  return valid ? hex : std::string();
}

void remember(const std::filesystem::path& directory, const file_stamp& stamp, const std::string& hex) {
  std::error_code ignored;
  std::filesystem::create_directories(directory, ignored);
  const auto target = cache_file(directory, stamp);
  const auto draft = target.string() + "." + std::to_string(::getpid());
  {
    std::ofstream out(draft);
    out << stamp_line(stamp) << hex << '\n';
    if (!out.flush()) {
      out.close();
      std::filesystem::remove(draft, ignored);
      return;
    }
  }
  std::filesystem::rename(draft, target, ignored);
}

result<std::string> digest_file(const file_stamp& stamp, const std::filesystem::path& cache_directory) {
  constexpr std::uint64_t worth_caching = 1u << 20;
  const bool cache = !cache_directory.empty() && stamp.size >= worth_caching;
  if (cache)
    if (auto known = cached(cache_directory, stamp); !known.empty())
      return known;
  CHALK_TRY(auto hex, hash_file(stamp.path));
  CHALK_TRY(const auto after, stamp_of(stamp.path));
  if (after != stamp)
    return error{errc::io, stamp.path.string() + ": changed while it was read"};
  if (cache)
    remember(cache_directory, stamp, hex);
  return hex;
}

std::vector<std::filesystem::path> deciding_files(const std::filesystem::path& directory,
                                                  std::vector<std::filesystem::path> files) {
  const auto take = [&](const std::filesystem::path& file) {
    std::error_code none;
    if (std::filesystem::is_regular_file(file, none))
      files.push_back(file);
  };
  for (const char* name :
       {"config.json", "model.yaml", "generation_config.json", "tokenizer.json", "tokenizer_config.json",
        "special_tokens_map.json", "added_tokens.json", "vocab.txt", "sentencepiece.bpe.model", "spiece.model",
        "spm.model", "tokenizer.model", "source.spm", "target.spm", "vocab.json", "merges.txt", "target_vocab.json",
        "modules.json", "sentence_bert_config.json", "preprocessor_config.json", "processor_config.json",
        "model.safetensors.index.json", "summary_head.json", "summary_head.safetensors"})
    take(directory / name);
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(directory, none)) {
    // sentence-transformers calls its modules 1_Pooling, 2_Dense, …
    const auto name = entry.path().filename().string();
    if (name.find('_') == std::string::npos || name.find_first_not_of("0123456789") != name.find('_'))
      continue;
    take(entry.path() / "config.json");
    take(entry.path() / "model.safetensors");
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

// What lies elsewhere counts by its own name, so that a digest is the same on every machine.
std::string name_in(const std::filesystem::path& directory, const std::filesystem::path& file) {
  auto name = file.lexically_relative(directory);
  return (name.empty() || *name.begin() == ".." ? file.filename() : name).generic_string();
}

} // namespace

std::string sha256(std::string_view bytes) {
  hasher sum;
  sum.update(bytes.data(), bytes.size());
  return sum.hex();
}

result<model_digest> digest_model(const std::filesystem::path& directory,
                                  const std::vector<std::filesystem::path>& weights,
                                  const std::filesystem::path& cache_directory) {
  auto files = deciding_files(directory, weights);
  std::vector<std::pair<std::string, std::filesystem::path>> named;
  named.reserve(files.size());
  for (const auto& file : files)
    named.emplace_back(name_in(directory, file), file);
  std::sort(named.begin(), named.end());

  model_digest digest;
  std::string text = "chalkstream model 1\n";
  for (const auto& [name, file] : named) {
    CHALK_TRY(auto stamp, stamp_of(file));
    CHALK_TRY(const auto hex, digest_file(stamp, cache_directory));
    text.append(hex).append(" ").append(std::to_string(stamp.size)).append(" ").append(name).append("\n");
    digest.files.push_back(std::move(stamp));
  }
  digest.hex = sha256(text);
  return digest;
}

} // namespace chalkstream::models
