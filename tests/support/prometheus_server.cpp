#include "tests/support/prometheus_server.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace chalkstream::test {

prometheus_server::prometheus_server(prometheus_plan plan) : plan_(std::move(plan)) {
  auto pattern = (std::filesystem::temp_directory_path() / "chalkstream-prometheus-XXXXXX").string();
  if (mkdtemp(pattern.data()) != nullptr)
    folder_ = pattern;
}

prometheus_server::~prometheus_server() {
  kill();
  std::filesystem::remove_all(folder_);
}

bool prometheus_server::start() {
  const auto interval = std::to_string(plan_.interval.count()) + "ms";
  std::ofstream file(folder_ / "prometheus.yml");
  file << "scrape_configs:\n  - job_name: chalkstream\n    scrape_interval: " << interval
       << "\n    scrape_timeout: " << interval << "\n    static_configs:\n      - targets: [";
  for (const auto& target : plan_.targets)
    file << "'" << target << "', ";
  file << "]\n";
  file.close();
  const auto config = "--config.file=" + (folder_ / "prometheus.yml").string();
  const auto storage = "--storage.tsdb.path=" + (folder_ / "tsdb").string();
  const auto listen = "--web.listen-address=127.0.0.1:" + std::to_string(port_);
  const auto log_file = (folder_ / "log").string();
  child_ = fork();
  if (child_ == 0) {
    const auto out = open(log_file.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_APPEND, 0600);
    dup2(out, 1);
    dup2(out, 2);
    close_range(3, ~0U, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL); // a test that crashes leaves nobody behind
    execlp("prometheus", "prometheus", config.c_str(), storage.c_str(), listen.c_str(),
           "--enable-feature=exemplar-storage", nullptr);
    _exit(127);
  }
  // The port it took is in its log, and that it answers, some time later.
  for (int i = 0; i < 300 && waitpid(child_, nullptr, WNOHANG) == 0; ++i) {
    const std::string mark = "msg=\"Listening on\" address=127.0.0.1:";
    const auto text = log();
    const bool answers = text.find("Server is ready to receive web requests.") != std::string::npos;
    if (const auto at = text.find(mark); answers && at != std::string::npos) {
      port_ = static_cast<std::uint16_t>(std::stoi(text.substr(at + mark.size())));
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

void prometheus_server::kill() {
  if (child_ <= 0)
    return;
  ::kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
  child_ = -1;
}

void prometheus_server::freeze() const {
  ::kill(child_, SIGSTOP);
  waitpid(child_, nullptr, WUNTRACED); // until it has stopped
}

void prometheus_server::thaw() const {
  ::kill(child_, SIGCONT);
}

std::string prometheus_server::log() const {
  std::ifstream file(folder_ / "log");
  return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace chalkstream::test
