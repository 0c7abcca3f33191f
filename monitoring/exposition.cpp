#include "monitoring/exposition.hpp"

#include "monitoring/registry.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <charconv>
#include <list>
#include <optional>
#include <thread>

namespace chalkstream::monitoring {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

constexpr std::uint32_t max_header_bytes = 16 * 1024;
constexpr std::uint64_t max_body_bytes = 4096;
constexpr auto pause_after_failed_accept = std::chrono::milliseconds(100);

struct host_and_port {
  std::string host; // empty: every address
  std::uint16_t port = 0;
};

std::optional<host_and_port> split(std::string_view listen) {
  const auto colon = listen.rfind(':');
  if (colon == std::string_view::npos)
    return {};
  auto host = listen.substr(0, colon);
  const auto digits = listen.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return {};
  host_and_port all{std::string(host), 0};
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), all.port);
  if (digits.empty() || failed != std::errc{} || end != digits.data() + digits.size())
    return {};
  return all;
}

using response = http::response<http::string_body>;

// What one request is answered with; everything the protocol itself does not decide.
class answers {
public:
  answers(const registry& counts, std::function<readiness()> state) : counts_(counts), state_(std::move(state)) {}

  response to(const http::request_header<>& asked) const {
    const std::string_view target(asked.target().data(), asked.target().size());
    const auto path = target.substr(0, target.find('?'));
    response given;
    if (path != "/metrics" && path != "/healthz" && path != "/readyz")
      given = text(http::status::not_found, "There are /metrics, /healthz and /readyz here.\n");
    else if (asked.method() != http::verb::get && asked.method() != http::verb::head)
      given = text(http::status::method_not_allowed, "GET and HEAD only.\n");
    else if (path == "/metrics")
      given = metrics(asked);
    else if (path == "/readyz")
      given = ready();
    else
      given = text(http::status::ok, "alive\n");
    if (given.result() == http::status::method_not_allowed)
      given.set(http::field::allow, "GET, HEAD");
    return given;
  }

private:
  static response text(http::status status, std::string body) {
    response given(status, 11);
    given.set(http::field::content_type, "text/plain; charset=utf-8");
    given.set(http::field::cache_control, "no-store");
    given.body() = std::move(body);
    return given;
  }

  response metrics(const http::request_header<>& asked) const {
    std::string accepted;
    const auto [from, to] = asked.equal_range(http::field::accept);
    for (auto at = from; at != to; ++at)
      accepted.append(at->value().data(), at->value().size()).append(",");
    const auto form = negotiate(accepted);
    auto given = text(http::status::ok, counts_.expose(form));
    given.set(http::field::content_type, std::string(content_type(form)));
    given.set(http::field::vary, "Accept");
    return given;
  }

  response ready() const {
    const auto now = state_ ? state_() : readiness{true, {}};
    std::string body = now.ready ? "ready\n" : "not ready\n";
    for (const auto& reason : now.reasons)
      body += reason + "\n";
    return text(now.ready ? http::status::ok : http::status::service_unavailable, std::move(body));
  }

  const registry& counts_;
  std::function<readiness()> state_;
};

class connection;
using connections = std::list<std::weak_ptr<connection>>;

// One client. Lives as long as an operation on its socket is pending.
class connection : public std::enable_shared_from_this<connection> {
public:
  connection(tcp::socket socket, const answers& all, duration patience, connections& line)
      : stream_(std::move(socket)), all_(all), patience_(patience), line_(line) {}

  ~connection() { line_.erase(place_); }

  // The line's front has been quiet longest.
  void start() {
    place_ = line_.insert(line_.end(), weak_from_this());
    read();
  }

  void close() noexcept {
    beast::error_code ignored;
    stream_.socket().close(ignored);
  }

private:
  void read() {
    line_.splice(line_.end(), line_, place_);
    parser_.emplace();
    parser_->header_limit(max_header_bytes);
    parser_->body_limit(max_body_bytes);
    stream_.expires_after(patience_);
    // Apart from the body: Boost 1.74 forgets that the body is over the limit when it reads on at once.
    http::async_read_header(stream_, buffer_, *parser_,
                            [me = shared_from_this()](beast::error_code failed, std::size_t) {
                              if (me->went_on(failed))
                                me->read_body();
                            });
  }

  void read_body() {
    http::async_read(stream_, buffer_, *parser_, [me = shared_from_this()](beast::error_code failed, std::size_t) {
      if (me->went_on(failed))
        me->answer(me->all_.to(me->parser_->get()));
    });
  }

  bool went_on(beast::error_code failed) {
    if (failed == http::error::end_of_stream)
      close();
    else if (failed.category() == http::make_error_code(http::error::end_of_stream).category())
      refuse();
    return !failed;
  }

  // Not HTTP, or more of it than anybody needs to ask for metrics.
  void refuse() {
    response given(http::status::bad_request, 11);
    given.set(http::field::content_type, "text/plain; charset=utf-8");
    given.body() = "This is not a request Chalkstream understands.\n";
    parser_.reset();
    send(std::move(given));
  }

  void answer(response given) {
    given.keep_alive(parser_->get().keep_alive());
    send(std::move(given));
  }

  void send(response given) {
    const bool heads_only = parser_ && parser_->get().method() == http::verb::head;
    if (!parser_)
      given.keep_alive(false);
    given.prepare_payload();
    given_ = std::move(given);
    stream_.expires_after(patience_);
    auto sent = [me = shared_from_this()](beast::error_code failed, std::size_t) {
      if (failed || !me->given_.keep_alive())
        me->shut_down();
      else
        me->read();
    };
    serializer_.emplace(given_);
    if (heads_only)
      http::async_write_header(stream_, *serializer_, std::move(sent));
    else
      http::async_write(stream_, *serializer_, std::move(sent));
  }

  void shut_down() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  beast::tcp_stream stream_;
  const answers& all_;
  duration patience_;
  connections& line_;
  connections::iterator place_;
  beast::flat_buffer buffer_{max_header_bytes + max_body_bytes};
  std::optional<http::request_parser<http::string_body>> parser_;
  response given_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
};

} // namespace

class exposition::server {
public:
  server(const exposition_settings& settings, const registry& counts, std::function<readiness()> state)
      : settings_(settings), answers_(counts, std::move(state)) {}

  ~server() {
    io_.stop();
    if (thread_.joinable())
      thread_.join();
  }

  result<void> start() {
    const auto where = split(settings_.listen);
    if (!where)
      return {errc::invalid_argument, "cannot listen on \"" + settings_.listen + "\": expected HOST:PORT"};
    const auto refused = [this](const beast::error_code& why) {
      return error{errc::io, "cannot listen on " + settings_.listen + ": " + why.message()};
    };
    beast::error_code failed;
    tcp::resolver resolver(io_);
    const auto flags = tcp::resolver::passive | tcp::resolver::numeric_service;
    const auto found = resolver.resolve(where->host, std::to_string(where->port), flags, failed);
    if (failed || found.empty())
      return refused(failed);
    const tcp::endpoint at = *found.begin();
    acceptor_.open(at.protocol(), failed);
    if (!failed)
      acceptor_.set_option(asio::socket_base::reuse_address(true), failed);
    if (!failed)
      acceptor_.bind(at, failed);
    if (!failed)
      acceptor_.listen(asio::socket_base::max_listen_connections, failed);
    if (!failed)
      bound_ = acceptor_.local_endpoint(failed);
    if (failed)
      return refused(failed);
    accept();
    thread_ = std::thread([this] { io_.run(); });
    return {};
  }

  const tcp::endpoint& bound() const noexcept { return bound_; }

private:
  void accept() {
    acceptor_.async_accept([this](beast::error_code failed, tcp::socket socket) {
      if (failed) { // out of file descriptors, most likely: the quietest client gives one back
        make_room(1);
        retry_.expires_after(pause_after_failed_accept);
        retry_.async_wait([this](beast::error_code) { accept(); });
        return;
      }
      make_room(settings_.max_connections);
      std::make_shared<connection>(std::move(socket), answers_, settings_.patience, open_)->start();
      accept();
    });
  }

  void make_room(std::size_t limit) {
    if (open_.size() < limit)
      return;
    if (const auto quietest = open_.front().lock())
      quietest->close();
  }

  exposition_settings settings_;
  answers answers_;
  connections open_; // outlives the connections, which io_ holds
  asio::io_context io_{1};
  tcp::acceptor acceptor_{io_};
  asio::steady_timer retry_{io_};
  tcp::endpoint bound_;
  std::thread thread_;
};

exposition::exposition(std::unique_ptr<server> running) : server_(std::move(running)) {}
exposition::~exposition() = default;

result<std::unique_ptr<exposition>> exposition::start(const exposition_settings& settings, const registry& counts,
                                                      std::function<readiness()> state) {
  auto running = std::make_unique<server>(settings, counts, std::move(state));
  CHALK_CHECK(running->start());
  return std::unique_ptr<exposition>(new exposition(std::move(running)));
}

std::uint16_t exposition::port() const noexcept {
  return server_->bound().port();
}

std::string exposition::address() const {
  const auto& at = server_->bound();
  const auto host = at.address().to_string();
  return (at.address().is_v6() ? "[" + host + "]:" : host + ":") + std::to_string(at.port());
}

} // namespace chalkstream::monitoring
