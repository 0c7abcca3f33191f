#include "monitoring/prometheus_client.hpp"

#include "core/base64.hpp"
#include "monitoring/prometheus_answer.hpp"

#include <algorithm>
#include <fstream>

namespace chalkstream::monitoring {

namespace {

constexpr std::size_t longest_credential = std::size_t{16} << 10U;

// The value of the header, empty if there is none. Never part of a message.
result<std::string> authorization(const prometheus_settings& settings) {
  const auto& file = settings.bearer_file.empty() ? settings.basic_file : settings.bearer_file;
  if (file.empty())
    return std::string{};
  std::ifstream in{file};
  std::string line;
  if (!std::getline(in, line))
    return {errc::not_found, file.string() + ": cannot be read, or is empty"};
  while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
    line.pop_back();
  const auto odd = [](unsigned char c) { return c < ' ' || c == 0x7f; };
  if (line.empty() || line.size() > longest_credential || std::any_of(line.begin(), line.end(), odd))
    return {errc::invalid_argument, file.string() + ": its first line is no credential"};
  return settings.bearer_file.empty() ? "Basic " + encode_base64(line) : "Bearer " + line;
}

std::string form_encoded(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const unsigned char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain || c == '-' || c == '_' || c == '.')
      out += static_cast<char>(c);
    else
      ((out += '%') += hex[c >> 4U]) += hex[c & 15U];
  }
  return out;
}

} // namespace

result<prometheus_client> prometheus_client::make(const prometheus_settings& settings) {
  if (!settings.url.starts_with("http://") && settings.url.find('@') == std::string::npos)
    return {errc::invalid_argument, "'" + printable(settings.url)
                                        + "': expected http://host:port; for TLS name a proxy "
                                          "on this machine"};
  CHALK_TRY(auto where, read_http_address(settings.url));
  if (!settings.bearer_file.empty() && !settings.basic_file.empty())
    return {errc::invalid_argument, "a bearer token and a password exclude each other"};
  return prometheus_client{settings, std::move(where)};
}

result<metric_answer> prometheus_client::ask(std::string_view expression) {
  const auto named = [this](errc code, const std::string& why) { return error{code, settings_.url + ": " + why}; };
  CHALK_TRY(const auto credential, authorization(settings_));
  const auto limit = std::to_string(in_seconds(settings_.timeout));
  CHALK_TRY(const auto given, http_post(where_, "/api/v1/query", "application/x-www-form-urlencoded",
                                        "query=" + form_encoded(expression) + "&timeout=" + limit,
                                        {settings_.timeout, settings_.max_answer_bytes}, credential));
  if (given.status == 401 || given.status == 403)
    return named(errc::invalid_configuration,
                 "it does not accept our credentials (" + std::to_string(given.status) + ")");
  auto answer = read_prometheus_answer(given.body);
  if (!answer && answer.error().code == errc::corrupt && given.status != 200)
    return named(given.status >= 500 || given.status == 429 ? errc::unavailable : errc::invalid_configuration,
                 "HTTP status " + std::to_string(given.status) + ": is this the address of a Prometheus?");
  if (!answer)
    return named(answer.error().code, answer.error().message);
  return answer;
}

} // namespace chalkstream::monitoring
