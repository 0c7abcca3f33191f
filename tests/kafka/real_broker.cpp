#include "tests/kafka/real_broker.hpp"

#include "kafka/bounded_caller.hpp"

#include <arpa/inet.h>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace chalkstream::test {
namespace {

using namespace std::chrono_literals;

// Tests run from the project's root (chalk_test).
const char* const script = "deploy/kafka/kafka.sh";

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

bool answers(int port) {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  const auto address = loopback(port);
  const bool yes = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return yes;
}

} // namespace

int free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  ::bind(probe, reinterpret_cast<const sockaddr*>(&address), size);
  ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(probe);
  return ntohs(address.sin_port);
}

std::string real_broker::what_is_missing() {
  if (std::system((std::string{script} + " fetch >/dev/null").c_str()) != 0) // downloads what is not there
    return std::string{script} + " fetch failed; it says why";
  return {};
}

real_broker::real_broker() : real_broker(options{}) {}

real_broker::real_broker(options o) : options_(std::move(o)), port_(free_port()) {
  std::string pattern = (std::filesystem::temp_directory_path() / "chalk-kafka-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("no directory for the broker");
  data_ = pattern;
  if (options_.advertised_port != 0) {
    proxied_port_ = free_port();
    const auto controller = std::to_string(free_port());
    const auto plain = "PLAINTEXT://127.0.0.1:" + std::to_string(port_);
    options_.settings.push_back("controller.quorum.voters=1@127.0.0.1:" + controller);
    options_.settings.push_back("listeners=" + plain + ",PROXIED://127.0.0.1:" + std::to_string(proxied_port_)
                                + ",CONTROLLER://127.0.0.1:" + controller);
    options_.settings.push_back("advertised.listeners=" + plain
                                + ",PROXIED://127.0.0.1:" + std::to_string(options_.advertised_port));
    options_.settings.push_back(
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT");
  }
  start();
}

real_broker::~real_broker() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(data_, ignored);
}

std::string real_broker::bootstrap() const {
  return "127.0.0.1:" + std::to_string(port_);
}

void real_broker::start() {
  std::vector<std::string> words = {script,   "start",       "--foreground", "--port", std::to_string(port_),
                                    "--data", data_.string()};
  for (const auto& s : options_.settings) {
    words.push_back("--set");
    words.push_back(s);
  }
  std::vector<char*> arguments;
  for (auto& w : words)
    arguments.push_back(w.data());
  arguments.push_back(nullptr);
  const auto log_file = (data_ / "kafka.log").string();
  const auto parent = ::getpid();

  // For the kernel a thread is the parent; this one lives as long as the program.
  static kafka::bounded_caller nursery;
  nursery.run(
      [&] {
        pid_ = ::fork();
        if (pid_ != 0)
          return;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL); // survives the script's exec of Java
        if (::getppid() != parent)
          ::_exit(1);
        ::setenv("KAFKA_JVM_OPTIONS", "-XX:TieredStopAtLevel=1", 0);
        const int out = ::open(log_file.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
        ::dup2(out, 1);
        ::dup2(out, 2);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
      },
      std::chrono::steady_clock::now() + 60s);
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (!answers(port_) || (proxied_port_ != 0 && !answers(proxied_port_))) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_ || std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error("the broker did not start; see " + log_file);
    std::this_thread::sleep_for(20ms);
  }
}

void real_broker::kill() {
  if (pid_ <= 0)
    return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void real_broker::freeze() {
  ::kill(pid_, SIGSTOP);
}

void real_broker::thaw() {
  ::kill(pid_, SIGCONT);
}

real_broker& shared_broker() {
  static real_broker broker;
  return broker;
}

} // namespace chalkstream::test
