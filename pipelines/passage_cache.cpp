#include "pipelines/passage_cache.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <fcntl.h>
#include <fstream>
#include <openssl/evp.h>
#include <unistd.h>

namespace chalkstream::pipelines {

namespace {

constexpr std::string_view title = "chalkstream passages 1\n";
constexpr std::size_t key_digits = 64;
constexpr std::size_t most_width = 65536;
using digest = std::array<unsigned char, 32>;

class hasher {
public:
  hasher() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }

  void update(const void* bytes, std::size_t size) { EVP_DigestUpdate(context_.get(), bytes, size); }
  void update(std::string_view text) { update(text.data(), text.size()); }

  digest finish() {
    digest sum{};
    EVP_DigestFinal_ex(context_.get(), sum.data(), nullptr);
    return sum;
  }

private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

/// Reads and sums up. Once something is missing everything is.
class summed_input {
public:
  explicit summed_input(const std::filesystem::path& file) : in_(file, std::ios::binary) {}

  bool open() const { return in_.is_open(); }

  bool read(void* to, std::size_t bytes) {
    in_.read(static_cast<char*>(to), static_cast<std::streamsize>(bytes));
    if (!in_)
      return false;
    sum_.update(to, bytes);
    return true;
  }

  /// What follows is the sum of what came, and the end.
  bool ends_well() {
    const auto expected = sum_.finish();
    digest found{};
    in_.read(reinterpret_cast<char*>(found.data()), static_cast<std::streamsize>(found.size()));
    return in_ && found == expected && in_.peek() == std::ifstream::traits_type::eof();
  }

private:
  std::ifstream in_;
  hasher sum_;
};

class summed_output {
public:
  explicit summed_output(const std::filesystem::path& file) : out_(file, std::ios::binary | std::ios::trunc) {}

  void write(const void* from, std::size_t bytes) {
    out_.write(static_cast<const char*>(from), static_cast<std::streamsize>(bytes));
    sum_.update(from, bytes);
  }
  void write(std::string_view text) { write(text.data(), text.size()); }
  void count(std::uint64_t n) { write(&n, sizeof n); }

  bool close() {
    const auto sum = sum_.finish();
    out_.write(reinterpret_cast<const char*>(sum.data()), static_cast<std::streamsize>(sum.size()));
    out_.close();
    return !out_.fail();
  }

private:
  std::ofstream out_;
  hasher sum_;
};

error unusable(const std::filesystem::path& file, std::string_view why) {
  return {errc::corrupt, file.string() + ": " + std::string{why}};
}

bool on_disk(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return false;
  const bool synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return synced;
}

} // namespace

std::string passages_key(std::string_view model_digest, std::size_t max_tokens, std::string_view material,
                         std::size_t passage_length) {
  hasher sum;
  sum.update(title);
  sum.update(std::endian::native == std::endian::little ? "little\n" : "big\n");
  sum.update(std::string{model_digest} + "\n" + std::to_string(max_tokens) + "\n" + std::to_string(passage_length)
             + "\n");
  sum.update(material);
  std::string hex;
  for (const unsigned char byte : sum.finish()) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

result<passage_index> load_passages(const std::filesystem::path& file, std::string_view key,
                                    std::shared_ptr<const education::course_material> material,
                                    const education::vector_index_settings& settings) {
  summed_input in{file};
  if (!in.open())
    return error{errc::not_found, file.string() + ": there is no such file"};
  std::string head(title.size() + key_digits + 1, '\0');
  if (!in.read(head.data(), head.size()) || !head.starts_with(title))
    return unusable(file, "it holds no passages of this version");
  if (std::string_view{head}.substr(title.size(), key_digits) != key)
    return unusable(file, "it belongs to another model or other material");
  std::uint64_t rows = 0, width = 0;
  if (!in.read(&rows, sizeof rows) || !in.read(&width, sizeof width) || rows != material->passages.size()
      || width == 0 || width > most_width)
    return unusable(file, "its size is not that of the material");
  CHALK_TRY(auto index, passage_index::make(std::move(material), width, settings));
  std::vector<float> row(width);
  for (std::uint64_t i = 0; i < rows; ++i) {
    if (!in.read(row.data(), width * sizeof(float)))
      return unusable(file, "it ends too soon");
    CHALK_CHECK(index.add_unlinked(row));
  }
  std::error_code failed;
  const auto bytes = std::filesystem::file_size(file, failed);
  std::vector<std::uint32_t> graph;
  for (std::size_t i = 0; i < index.graphs(); ++i) {
    std::uint64_t numbers = 0;
    if (!in.read(&numbers, sizeof numbers) || failed || numbers > bytes / sizeof(std::uint32_t))
      return unusable(file, "it ends too soon");
    graph.resize(numbers);
    if (!in.read(graph.data(), numbers * sizeof(std::uint32_t)))
      return unusable(file, "it ends too soon");
    if (auto linked = index.link(i, graph); !linked)
      return unusable(file, linked.error().message);
  }
  if (!in.ends_well())
    return unusable(file, "its sum is wrong");
  return index;
}

result<void> save_passages(const std::filesystem::path& file, std::string_view key, const passage_index& index) {
  std::error_code failed;
  std::filesystem::create_directories(file.parent_path(), failed);
  const std::filesystem::path draft = file.string() + "." + std::to_string(::getpid()) + ".new";
  summed_output out{draft};
  out.write(title);
  out.write(std::string{key} + "\n");
  out.count(index.size());
  out.count(index.width());
  for (std::size_t i = 0; i < index.size(); ++i)
    out.write(index.row(i).data(), index.width() * sizeof(float));
  for (std::size_t i = 0; i < index.graphs(); ++i) {
    const auto graph = index.graph(i);
    out.count(graph.size());
    out.write(graph.data(), graph.size() * sizeof(std::uint32_t));
  }
  if (out.close() && on_disk(draft)) {
    std::filesystem::rename(draft, file, failed);
    if (!failed)
      return {};
  }
  std::filesystem::remove(draft, failed);
  return {errc::io, file.string() + ": cannot be written"};
}

} // namespace chalkstream::pipelines
