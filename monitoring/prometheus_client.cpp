#include "monitoring/prometheus_client.hpp"

#include "core/base64.hpp"
#include "monitoring/prometheus_answer.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <charconv>
#include <fstream>

namespace chalkstream::monitoring {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

constexpr std::uint32_t max_header_bytes = 32 * 1024;
constexpr std::size_t longest_credential = 16 * 1024;

struct web_address {
  std::string host;
  std::uint16_t port = 80;
  std::string path; // "" or "/prometheus"
};

result<web_address> read_address(std::string_view url) {
  const auto wrong = [url](std::string_view why) {
    return error{errc::invalid_argument, "'" + printable(url) + "': " + std::string{why}};
  };
  constexpr std::string_view scheme = "http://";
  if (url.starts_with("https://"))
    return wrong("TLS is not spoken here: name a proxy on this machine that does");
  if (!url.starts_with(scheme))
    return wrong("expected http://host:port");
  url.remove_prefix(scheme.size());
  const auto slash = std::min(url.find('/'), url.size());
  auto authority = url.substr(0, slash);
  web_address all;
  all.path = url.substr(slash);
  while (all.path.ends_with('/'))
    all.path.pop_back();
  if (authority.find('@') != std::string_view::npos)
    return {errc::invalid_argument, "a user or a password does not belong into an address: use a file for them"};
  const auto colon = authority.rfind(':');
  if (colon != std::string_view::npos && !authority.ends_with(']')) {
    const auto digits = authority.substr(colon + 1);
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), all.port);
    if (failed != std::errc{} || end != digits.data() + digits.size() || all.port == 0)
      return wrong("expected a port from 1 to 65535");
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']'))
    authority = authority.substr(1, authority.size() - 2);
  all.host = authority;
  const auto odd = [](unsigned char c) { return c <= ' ' || c >= 0x7f || c == '?' || c == '#'; };
  if (all.host.empty() || std::any_of(all.host.begin(), all.host.end(), odd)
      || std::any_of(all.path.begin(), all.path.end(), odd))
    return wrong("expected http://host:port");
  return all;
}

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

// One question from connecting to the last byte of its answer, on the thread that runs `io`.
class exchange {
public:
  exchange(asio::io_context& io, std::uint64_t most, time_point until) : resolver_(io), stream_(io), until_(until) {
    parser_.body_limit(most);
    parser_.header_limit(max_header_bytes);
  }

  void start(const std::string& host, std::uint16_t port, http::request<http::string_body> question) {
    question_ = std::move(question);
    resolver_.async_resolve(host, std::to_string(port), tcp::resolver::numeric_service,
                            [this](beast::error_code failed, const tcp::resolver::results_type& found) {
                              failed ? end(failed) : connect(found);
                            });
  }

  const beast::error_code& failure() const noexcept { return failure_; }
  const http::response<http::string_body>& answer() const { return parser_.get(); }
  bool over() const noexcept { return over_; }

private:
  void connect(const tcp::resolver::results_type& found) {
    stream_.expires_at(until_);
    stream_.async_connect(found,
                          [this](beast::error_code failed, const tcp::endpoint&) { failed ? end(failed) : say(); });
  }

  void say() {
    http::async_write(stream_, question_,
                      [this](beast::error_code failed, std::size_t) { failed ? end(failed) : listen(); });
  }

  void listen() {
    http::async_read(stream_, buffer_, parser_, [this](beast::error_code failed, std::size_t) { end(failed); });
  }

  void end(beast::error_code failed) {
    failure_ = failed;
    over_ = true;
  }

  tcp::resolver resolver_;
  beast::tcp_stream stream_;
  time_point until_;
  http::request<http::string_body> question_;
  beast::flat_buffer buffer_{64 * 1024};
  http::response_parser<http::string_body> parser_;
  beast::error_code failure_;
  bool over_ = false;
};

} // namespace

result<prometheus_client> prometheus_client::make(const prometheus_settings& settings) {
  CHALK_TRY(auto at, read_address(settings.url));
  if (!settings.bearer_file.empty() && !settings.basic_file.empty())
    return {errc::invalid_argument, "a bearer token and a password exclude each other"};
  return prometheus_client{settings, std::move(at.host), at.port, at.path + "/api/v1/query"};
}

result<metric_answer> prometheus_client::ask(std::string_view expression) {
  const auto named = [this](errc code, const std::string& why) { return error{code, settings_.url + ": " + why}; };
  http::request<http::string_body> question{http::verb::post, path_, 11};
  const auto host = host_.find(':') == std::string::npos ? host_ : "[" + host_ + "]";
  question.set(http::field::host, host + ":" + std::to_string(port_));
  question.set(http::field::user_agent, "chalkstream");
  question.set(http::field::accept, "application/json");
  question.set(http::field::accept_encoding, "identity");
  question.set(http::field::content_type, "application/x-www-form-urlencoded");
  question.set(http::field::connection, "close");
  CHALK_TRY(const auto credential, authorization(settings_));
  if (!credential.empty())
    question.set(http::field::authorization, credential);
  const auto seconds = std::chrono::duration<double>(settings_.timeout).count();
  question.body() = "query=" + form_encoded(expression) + "&timeout=" + std::to_string(seconds);
  question.prepare_payload();

  asio::io_context io{1};
  exchange talk{io, settings_.max_answer_bytes, clock::system().now() + settings_.timeout};
  talk.start(host_, port_, std::move(question));
  io.run_for(settings_.timeout);
  if (!talk.over() || talk.failure() == beast::error::timeout)
    return named(errc::timed_out, "no answer within " + std::to_string(seconds).substr(0, 5) + " s");
  if (talk.failure() == http::error::body_limit)
    return named(errc::corrupt, "the answer is longer than " + std::to_string(settings_.max_answer_bytes) + " bytes");
  if (talk.failure().category() == http::make_error_code(http::error::end_of_stream).category())
    return named(errc::corrupt,
                 "what answers does not speak HTTP, or stopped within a word: " + talk.failure().message());
  if (talk.failure())
    return named(errc::unavailable, talk.failure().message());

  const auto& given = talk.answer();
  const auto status = static_cast<int>(given.result_int());
  if (status == 401 || status == 403)
    return named(errc::invalid_configuration, "it does not accept our credentials (" + std::to_string(status) + ")");
  auto answer = read_prometheus_answer(given.body());
  if (!answer && answer.error().code == errc::corrupt && status != 200)
    return named(status >= 500 || status == 429 ? errc::unavailable : errc::invalid_configuration,
                 "HTTP status " + std::to_string(status) + ": is this the address of a Prometheus?");
  if (!answer)
    return named(answer.error().code, answer.error().message);
  return answer;
}

} // namespace chalkstream::monitoring
