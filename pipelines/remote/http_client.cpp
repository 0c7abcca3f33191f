#include "pipelines/remote/http_client.hpp"

#include "pipelines/remote/public_address.hpp"

#include <algorithm>
#include <curl/curl.h>
#include <mutex>
#include <utility>

namespace chalkstream::pipelines::remote {

namespace {

constexpr std::size_t longest_head = 64U << 10U;
/// SHA-256 of nothing, which is what a GET sends. S3 wants to be told; libcurl signs it, but does not say it of itself.
constexpr const char* empty_payload =
    "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr long slowest = 1000; // bytes a second

struct free_handle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using handle_ptr = std::unique_ptr<CURL, free_handle>;

struct free_list {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using list_ptr = std::unique_ptr<curl_slist, free_list>;

/// Null stays null where libcurl has no memory.
void append(list_ptr& list, const std::string& line) {
  if (auto* longer = curl_slist_append(list.get(), line.c_str())) {
    (void)list.release();
    list.reset(longer);
  }
}

/// What libcurl's callbacks know of one GET.
struct exchange {
  CURL* handle = nullptr;
  std::size_t max_bytes = 0;
  bool private_addresses = false;
  const std::stop_token* stop = nullptr;

  std::string body = {};
  std::size_t head = 0;
  bool too_large = false;
  bool refused_address = false;
  bool opened = false;

  long status() const {
    long code = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &code);
    return code;
  }
};

std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* given) {
  auto& of = *static_cast<exchange*>(given);
  if (of.status() != 200)
    return 0; // nobody reads what an error looks like
  of.too_large = size > of.max_bytes - of.body.size();
  if (of.too_large)
    return 0;
  of.body.append(bytes, size);
  return size;
}

std::size_t take_head(char*, std::size_t, std::size_t size, void* given) {
  auto& of = *static_cast<exchange*>(given);
  of.head += size;
  return of.head > longest_head ? 0 : size;
}

int look_up(void* given, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<exchange*>(given)->stop->stop_requested() ? 1 : 0;
}

curl_socket_t open_socket(void* given, curlsocktype, curl_sockaddr* to) {
  auto& of = *static_cast<exchange*>(given);
  if (!of.private_addresses && !is_public(to->addr)) {
    of.refused_address = true;
    return CURL_SOCKET_BAD;
  }
  of.opened = true;
  return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

http_failure failure_of(CURLcode code, const exchange& of) {
  if (code == CURLE_ABORTED_BY_CALLBACK)
    return http_failure::stopped;
  if (code == CURLE_FILESIZE_EXCEEDED || of.too_large)
    return http_failure::too_large;
  if (of.head > longest_head)
    return http_failure::unreadable_head;
  if (of.refused_address && !of.opened)
    return http_failure::forbidden_address;
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_ISSUER_ERROR)
    return http_failure::untrusted;
  return http_failure::away;
}

long milliseconds(duration time) {
  return static_cast<long>(std::max(std::chrono::ceil<std::chrono::milliseconds>(time).count(), std::int64_t{1}));
}

void set(CURL* handle, CURLoption option, auto value) {
  curl_easy_setopt(handle, option, value);
}

void speak_plainly(CURL* handle, const std::string& url, bool unencrypted) {
  set(handle, CURLOPT_URL, url.c_str());
  set(handle, CURLOPT_PROTOCOLS_STR, unencrypted ? "http,https" : "https");
  set(handle, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  set(handle, CURLOPT_PATH_AS_IS, 1L);
  set(handle, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  set(handle, CURLOPT_PROXY, "");
  set(handle, CURLOPT_NOPROXY, "*");
  set(handle, CURLOPT_USERAGENT, "chalkstream");
}

void trust(CURL* handle, const http_settings& settings) {
  set(handle, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!settings.ca_file)
    return;
  set(handle, CURLOPT_CAINFO, settings.ca_file->c_str());
  set(handle, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
}

void sign(CURL* handle, const s3_credentials& with, const std::string& region, list_ptr& headers) {
  set(handle, CURLOPT_AWS_SIGV4, ("aws:amz:" + region + ":s3").c_str());
  set(handle, CURLOPT_USERNAME, with.key_id.c_str());
  set(handle, CURLOPT_PASSWORD, with.secret.c_str());
  append(headers, empty_payload);
  if (!with.session_token.empty())
    append(headers, "x-amz-security-token: " + with.session_token);
  set(handle, CURLOPT_HTTPHEADER, headers.get());
}

void bound(CURL* handle, const http_settings& settings, std::size_t max_bytes, duration timeout) {
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_QUICK_EXIT, 1L); // a name that is still being looked up is not waited for
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(std::min(settings.connect_timeout, timeout)));
  set(handle, CURLOPT_TIMEOUT_MS, milliseconds(timeout));
  set(handle, CURLOPT_LOW_SPEED_LIMIT, slowest);
  set(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(settings.slow_after.count()));
  set(handle, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(max_bytes));
}

void listen(exchange& with) {
  set(with.handle, CURLOPT_WRITEFUNCTION, &take_body);
  set(with.handle, CURLOPT_WRITEDATA, &with);
  set(with.handle, CURLOPT_HEADERFUNCTION, &take_head);
  set(with.handle, CURLOPT_HEADERDATA, &with);
  set(with.handle, CURLOPT_XFERINFOFUNCTION, &look_up);
  set(with.handle, CURLOPT_XFERINFODATA, &with);
  set(with.handle, CURLOPT_NOPROGRESS, 0L);
  set(with.handle, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  set(with.handle, CURLOPT_OPENSOCKETDATA, &with);
}

} // namespace

/// Between calls; a handle keeps the connections that it has opened.
struct http_client::handles {
  std::mutex mutex;
  std::vector<handle_ptr> idle;

  handle_ptr borrow() {
    const std::lock_guard lock(mutex);
    if (idle.empty())
      return handle_ptr{curl_easy_init()};
    auto one = std::move(idle.back());
    idle.pop_back();
    return one;
  }

  void give_back(handle_ptr one) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(one));
  }
};

http_client::http_client(http_settings settings)
    : settings_(std::move(settings)), handles_(std::make_unique<handles>()) {
  static const auto started = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)started; // where it failed there are no handles either
}

http_client::~http_client() = default;

std::variant<http_answer, http_failure> http_client::get(const std::string& url, std::size_t max_bytes,
                                                         duration timeout, const std::stop_token& stop) const {
  auto handle = handles_->borrow();
  if (!handle)
    return http_failure::away;
  exchange with{.handle = handle.get(),
                .max_bytes = max_bytes,
                .private_addresses = settings_.private_addresses,
                .stop = &stop};
  list_ptr headers, resolved;
  for (const auto& line : settings_.resolved)
    append(resolved, line);
  curl_easy_reset(with.handle);
  speak_plainly(with.handle, url, settings_.plain);
  set(with.handle, CURLOPT_RESOLVE, resolved.get());
  trust(with.handle, settings_);
  if (settings_.sign_with)
    sign(with.handle, *settings_.sign_with, settings_.region, headers);
  bound(with.handle, settings_, max_bytes, timeout);
  listen(with);

  const auto code = curl_easy_perform(with.handle);
  const auto status = static_cast<int>(with.status());
  curl_off_t retry_after = 0;
  curl_easy_getinfo(with.handle, CURLINFO_RETRY_AFTER, &retry_after);
  curl_easy_reset(with.handle); // it points to what is about to go
  handles_->give_back(std::move(handle));
  if (code != CURLE_OK && (status < 300 || code == CURLE_ABORTED_BY_CALLBACK || with.head > longest_head))
    return failure_of(code, with);
  http_answer answer{.status = status, .body = std::move(with.body), .retry_after = {}};
  if (retry_after > 0)
    answer.retry_after = std::chrono::seconds(std::min<curl_off_t>(retry_after, 86'400));
  return answer;
}

} // namespace chalkstream::pipelines::remote
