#include "monitoring/http_request.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace chalkstream::monitoring {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

constexpr std::uint32_t max_header_bytes = 32 * 1024;

bool is_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return !digits.empty() && failed == std::errc{} && end == digits.data() + digits.size() && port != 0;
}

// What would end a line of the request, or look like another header.
bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

// One request from the first look-up to the last byte. The steps follow each other; a failed one ends it.
class exchange {
public:
  exchange(const http_address& where, http::request<http::string_body> asked, const http_limits& limits)
      : where_(where), asked_(std::move(asked)), limits_(limits), resolver_(io_), stream_(io_) {
    parser_.header_limit(max_header_bytes);
    parser_.body_limit(limits.max_bytes);
  }

  result<http_answer> run() {
    resolver_.async_resolve(where_.host, where_.port,
                            [this](beast::error_code failed, const tcp::resolver::results_type& at) {
                              if (!went_on(failed, "cannot be found"))
                                return;
                              stream_.async_connect(at, [this](beast::error_code refused, const tcp::endpoint&) {
                                if (went_on(refused, "cannot be reached"))
                                  ask();
                              });
                            });
    io_.run_for(limits_.timeout);
    if (!done_ && !failure_) {
      resolver_.cancel();
      return {errc::timed_out, name() + " has not answered in time"};
    }
    if (failure_)
      return std::move(*failure_);
    auto answer = parser_.release();
    return http_answer{answer.result_int(), std::move(answer.body())};
  }

private:
  static constexpr std::string_view odd = "has not answered as HTTP should be";

  void ask() {
    http::async_write(stream_, asked_, [this](beast::error_code failed, std::size_t) {
      if (!went_on(failed, "broke the connection"))
        return;
      // Apart from the body: Boost 1.74 forgets that the body is over the limit when it reads on at once.
      http::async_read_header(stream_, buffer_, parser_, [this](beast::error_code broken, std::size_t) {
        if (went_on(broken, odd))
          http::async_read(stream_, buffer_, parser_,
                           [this](beast::error_code cut, std::size_t) { done_ = went_on(cut, odd); });
      });
    });
  }

  bool went_on(beast::error_code failed, std::string_view what) {
    if (!failed)
      return true;
    const bool corrupt = failed.category() == http::make_error_code(http::error::end_of_stream).category()
                         && failed != http::error::end_of_stream && failed != http::error::partial_message;
    failure_ = {corrupt ? errc::corrupt : errc::unavailable,
                name() + " " + std::string(what) + ": " + failed.message()};
    return false;
  }

  std::string name() const { return where_.host + ":" + where_.port; }

  const http_address& where_;
  http::request<http::string_body> asked_;
  const http_limits& limits_;
  asio::io_context io_;
  tcp::resolver resolver_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
  std::optional<struct error> failure_;
  bool done_ = false;
};

http::request<http::string_body> made(http::verb how, const http_address& where, const std::string& whole) {
  http::request<http::string_body> asked(how, whole, 11);
  const bool v6 = where.host.find(':') != std::string::npos;
  asked.set(http::field::host, (v6 ? "[" + where.host + "]" : where.host) + ":" + where.port);
  asked.set(http::field::user_agent, "chalkstream");
  asked.set(http::field::accept_encoding, "identity");
  asked.set(http::field::connection, "close");
  return asked;
}

/// What follows the address, or what is wrong with it.
result<std::string> whole_target(const http_address& where, std::string_view target) {
  const auto whole = where.path + std::string(target);
  if (!whole.starts_with('/') || !is_printable(whole) || !is_printable(where.host))
    return {errc::invalid_argument, "'" + whole + "' on '" + where.host + "' is nothing HTTP can ask for"};
  return whole;
}

} // namespace

result<http_address> read_http_address(std::string_view text) {
  const auto wrong = [text] {
    return error{errc::invalid_argument,
                 "'" + std::string(text) + "' is no address: host:port or http://host:port/path is meant"};
  };
  auto rest = text;
  if (rest.find('@') != std::string_view::npos)
    return {errc::invalid_argument, "a user or a password does not belong into an address"};
  if (rest.starts_with("https://"))
    return {errc::unsupported, "'" + std::string(text) + "' asks for https, which is not supported: http is"};
  const bool url = rest.starts_with("http://");
  if (url)
    rest.remove_prefix(7);
  http_address all;
  const auto slash = rest.find('/');
  if (slash != std::string_view::npos) {
    all.path = rest.substr(slash);
    rest = rest.substr(0, slash);
  }
  while (all.path.ends_with('/'))
    all.path.pop_back();
  const auto bracket = rest.starts_with('[') ? rest.find(']') : 0;
  if (bracket == std::string_view::npos)
    return wrong();
  const auto colon = rest.find(':', bracket);
  all.host = rest.substr(0, colon);
  all.port = colon == std::string_view::npos ? (url ? "80" : "") : rest.substr(colon + 1);
  if (bracket != 0)
    all.host = all.host.substr(1, all.host.size() - 2);
  const bool odd = all.path.find_first_of("?#") != std::string::npos || !is_printable(all.path);
  if (all.host.empty() || !is_printable(all.host) || all.host.find_first_of("@[]?#") != std::string::npos
      || !is_port(all.port) || odd || (!url && !all.path.empty()))
    return wrong();
  return all;
}

result<http_answer> http_get(const http_address& where, std::string_view target, const http_limits& limits) {
  CHALK_TRY(const auto whole, whole_target(where, target));
  return exchange(where, made(http::verb::get, where, whole), limits).run();
}

result<http_answer> http_post(const http_address& where, std::string_view target, std::string_view content_type,
                              std::string body, const http_limits& limits, std::string_view authorization) {
  CHALK_TRY(const auto whole, whole_target(where, target));
  auto asked = made(http::verb::post, where, whole);
  asked.set(http::field::content_type, beast::string_view(content_type.data(), content_type.size()));
  if (!authorization.empty())
    asked.set(http::field::authorization, beast::string_view(authorization.data(), authorization.size()));
  asked.body() = std::move(body);
  asked.prepare_payload();
  return exchange(where, std::move(asked), limits).run();
}

} // namespace chalkstream::monitoring
