#include "models/text/word_vector_file.hpp"

#include <bit>
#include <charconv>
#include <cstring>

#include "models/text/tokenizer_json.hpp"

namespace chalkstream::text {

namespace {

static_assert(std::endian::native == std::endian::little,
              "the binary format is read and written as it lies in memory");

constexpr std::size_t max_file_bytes = std::size_t{16} << 30; // GoogleNews has 3.6 GB

std::string_view take_line(std::string_view& left) {
  const std::size_t end = std::min(left.find('\n'), left.size());
  std::string_view line = left.substr(0, end);
  left.remove_prefix(std::min(end + 1, left.size()));
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  return line;
}

/// What comes before the next space, which goes too.
std::string_view take_field(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

template <class Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failed == std::errc() && end == text.data() + text.size();
}

struct sizes {
  std::size_t words = 0, width = 0;
};

/// The first line, held against what the bytes behind it can have at most.
result<sizes> read_sizes(std::string_view& left, std::size_t bytes_a_number) {
  std::string_view line = take_line(left);
  sizes made;
  const bool readable = read_number(take_field(line), made.words) && read_number(take_field(line), made.width);
  if (!readable || made.words == 0 || made.width == 0)
    return {errc::corrupt, "the first line is not a number of words and a width"};
  if (made.width > left.size() / bytes_a_number || made.words > left.size() / (made.width * bytes_a_number))
    return {errc::corrupt, "it is too short for " + std::to_string(made.words) + " words of "
                               + std::to_string(made.width) + " numbers"};
  return made;
}

error wrong_word(std::size_t number, const char* what) {
  return {errc::corrupt, "word " + std::to_string(number) + " " + what};
}

result<word_vectors> read_text(std::string_view left) {
  CHALK_TRY(const sizes its, read_sizes(left, 2)); // a digit and a space
  std::vector<std::string> words;
  std::vector<float> values(its.words * its.width);
  for (std::size_t k = 0; k < its.words; ++k) {
    if (left.empty())
      return wrong_word(k, "is missing");
    std::string_view line = take_line(left);
    words.emplace_back(take_field(line));
    for (std::size_t n = 0; n < its.width; ++n)
      if (!read_number(take_field(line), values[k * its.width + n]))
        return wrong_word(k, "has a number that is none, or too few");
    if (line.find_first_not_of(' ') != std::string_view::npos)
      return wrong_word(k, "has more numbers than the first line says");
  }
  if (left.find_first_not_of("\r\n ") != std::string_view::npos)
    return {errc::corrupt, "there are more words than the first line says"};
  return word_vectors::make(std::move(words), its.width, std::move(values));
}

result<word_vectors> read_binary(std::string_view left) {
  CHALK_TRY(const sizes its, read_sizes(left, sizeof(float)));
  std::vector<std::string> words;
  std::vector<float> values(its.words * its.width);
  const std::size_t row = its.width * sizeof(float);
  for (std::size_t k = 0; k < its.words; ++k) {
    left.remove_prefix(left.starts_with('\n') ? 1 : 0);
    const std::size_t space = left.find(' ');
    if (space == std::string_view::npos || left.size() - space - 1 < row)
      return wrong_word(k, "breaks off");
    words.emplace_back(left.substr(0, space));
    std::memcpy(values.data() + k * its.width, left.data() + space + 1, row);
    left.remove_prefix(space + 1 + row);
  }
  if (left.find_first_not_of('\n') != std::string_view::npos)
    return {errc::corrupt, "there is more behind the last word"};
  return word_vectors::make(std::move(words), its.width, std::move(values));
}

} // namespace

result<word_vectors> read_vectors(std::string_view bytes, vector_format format) {
  return format == vector_format::text ? read_text(bytes) : read_binary(bytes);
}

std::string write_vectors(const word_vectors& vectors, vector_format format) {
  std::string out = std::to_string(vectors.size()) + " " + std::to_string(vectors.width()) + "\n";
  for (std::size_t k = 0; k < vectors.size(); ++k) {
    const auto its = vectors.vector(k);
    out += vectors.words()[k];
    if (format == vector_format::binary) {
      out += ' ';
      out.append(reinterpret_cast<const char*>(its.data()), its.size_bytes());
    } else {
      for (const float value : its) {
        char digits[32];
        const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
        (out += ' ').append(digits, end);
      }
    }
    out += '\n';
  }
  return out;
}

std::filesystem::path vectors_in(const std::filesystem::path& directory) {
  std::error_code ignored;
  for (const char* name : {"vectors.bin", "vectors.txt"})
    if (std::filesystem::exists(directory / name, ignored))
      return directory / name;
  return {};
}

result<word_vectors> load_vectors(const std::filesystem::path& directory) {
  const std::filesystem::path file = vectors_in(directory);
  if (file.empty())
    return {errc::not_found, "neither vectors.bin nor vectors.txt is in the model directory"};
  CHALK_TRY(const std::string bytes, read_file(file, max_file_bytes));
  auto made = read_vectors(bytes, file.extension() == ".bin" ? vector_format::binary : vector_format::text);
  if (!made)
    return {made.error().code, file.filename().string() + ": " + made.error().message};
  return made;
}

} // namespace chalkstream::text
