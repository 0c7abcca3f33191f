#include "pipelines/remote/s3_credentials.hpp"

#include <cstdlib>
#include <fstream>
#include <string_view>

namespace chalkstream::pipelines::remote {

namespace {

constexpr std::size_t longest_line = 16'384;
constexpr std::size_t most_lines = 10'000;

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\r");
  return from == std::string_view::npos ? "" : text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// A line break would add a header of its own to the request.
bool is_plain(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f)
      return false;
  return true;
}

/// A missing half, or one that no header can carry.
std::string_view missing_in(const s3_credentials& read) {
  if (read.key_id.empty() || !is_plain(read.key_id))
    return "aws_access_key_id";
  if (read.secret.empty() || !is_plain(read.secret))
    return "aws_secret_access_key";
  return is_plain(read.session_token) ? "" : "aws_session_token";
}

} // namespace

result<s3_credentials> s3_credentials_from_environment() {
  s3_credentials made{variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"),
                      variable("AWS_SESSION_TOKEN")};
  if (!missing_in(made).empty())
    return error{errc::not_found, "neither a file of credentials is named nor are AWS_ACCESS_KEY_ID and "
                                  "AWS_SECRET_ACCESS_KEY set"};
  return made;
}

result<s3_credentials> s3_credentials_from_file(const std::filesystem::path& file) {
  std::ifstream in{file};
  if (!in)
    return error{errc::io, file.string() + " cannot be read"};
  s3_credentials made;
  bool counts = true;
  std::string line;
  for (std::size_t lines = 0; std::getline(in, line); ++lines) {
    if (line.size() > longest_line || lines > most_lines)
      return error{errc::corrupt, file.string() + " is no file of credentials"};
    const auto text = trimmed(line);
    if (text.starts_with('['))
      counts = text == "[default]";
    const auto equals = text.find('=');
    if (!counts || text.starts_with('#') || text.starts_with(';') || equals == std::string_view::npos)
      continue;
    const auto key = trimmed(text.substr(0, equals));
    const auto value = trimmed(text.substr(equals + 1));
    if (key == "aws_access_key_id")
      made.key_id = value;
    else if (key == "aws_secret_access_key")
      made.secret = value;
    else if (key == "aws_session_token")
      made.session_token = value;
  }
  if (const auto missing = missing_in(made); !missing.empty())
    return error{errc::corrupt, file.string() + ": no usable " + std::string(missing) + " in it"};
  return made;
}

} // namespace chalkstream::pipelines::remote
