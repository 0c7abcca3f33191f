#include "pipelines/scaling/process_fleet.hpp"

#include "core/backoff.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <optional>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace chalkstream::pipelines {

namespace {

using namespace std::chrono_literals;

constexpr auto reliable_after = 30s; // a process that ran so long was not at fault from the start

struct child {
  std::size_t number = 0;
  pid_t pid = -1; // -1: it ended, and is to be started again
  time_point since{};
  std::optional<time_point> asked; // to leave
  std::optional<time_point> again_at;
  backoff retry{1s, 60s};
};

class children final : public process_fleet {
public:
  children(std::vector<std::string> command, std::function<std::vector<std::string>(std::size_t)> arguments_of,
           duration grace, log& journal)
      : command_(std::move(command)), arguments_of_(std::move(arguments_of)), grace_(grace), journal_(journal) {}

  ~children() override { leave(); }

  result<void> want(std::size_t processes) override {
    for (auto& c : all_)
      if (c.number > processes && !c.asked)
        ask(c);
    std::erase_if(all_, [](const child& c) { return c.asked && c.pid < 0; });
    for (std::size_t number = 1; number <= processes; ++number) {
      // One that is leaving keeps its number, and its address, until it has left.
      const auto known = [number](const child& c) { return c.number == number; };
      if (std::none_of(all_.begin(), all_.end(), known)) {
        child fresh;
        fresh.number = number;
        CHALK_CHECK(start(fresh));
        all_.push_back(fresh);
      }
    }
    wanted_ = processes;
    return {};
  }

  void look_after(time_point now) override {
    for (auto& c : all_) {
      reap(c, now);
      if (c.asked && c.pid > 0 && now - *c.asked > grace_) {
        journal_.error("autoscaler", named(c) + " did not end in time and is killed");
        kill(c.pid, SIGKILL);
        c.asked = now;
      }
      if (c.again_at && *c.again_at <= now) {
        c.again_at.reset();
        if (const auto done = start(c); !done)
          wait_and_try_again(c, now, done.error().message);
      }
    }
    // Who left while it was wanted again.
    std::erase_if(all_, [](const child& c) { return c.asked && c.pid < 0; });
    if (const auto done = want(wanted_); !done)
      journal_.error("autoscaler", done.error().message);
  }

  void leave() override {
    wanted_ = 0;
    for (auto& c : all_)
      if (!c.asked)
        ask(c);
    while (!all_.empty()) {
      look_after(clock::system().now());
      std::this_thread::sleep_for(20ms);
    }
  }

private:
  static std::string named(const child& c) { return "process " + std::to_string(c.number); }

  void ask(child& c) {
    c.asked = clock::system().now();
    c.again_at.reset();
    if (c.pid > 0)
      kill(c.pid, SIGTERM);
    journal_.info("autoscaler", named(c) + " is asked to finish and leave");
  }

  result<void> start(child& c) {
    auto words = command_;
    for (auto& word : arguments_of_(c.number))
      words.push_back(std::move(word));
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (auto& word : words)
      argv.push_back(word.data());
    argv.push_back(nullptr);
    const auto parent = getpid();
    const auto pid = fork();
    if (pid < 0)
      return {errc::io, named(c) + " cannot be started: " + std::strerror(errno)};
    if (pid == 0) { // nothing but system calls: other threads' locks are held for ever here
      sigset_t none;
      sigemptyset(&none);
      sigprocmask(SIG_SETMASK, &none, nullptr);
      prctl(PR_SET_PDEATHSIG, SIGTERM);
      if (getppid() != parent)
        _exit(1);
      execv(argv[0], argv.data());
      _exit(127);
    }
    c.pid = pid;
    c.since = clock::system().now();
    journal_.info("autoscaler", named(c) + " is started, pid " + std::to_string(pid));
    return {};
  }

  void reap(child& c, time_point now) {
    int status = 0;
    if (c.pid <= 0 || waitpid(c.pid, &status, WNOHANG) != c.pid)
      return;
    c.pid = -1;
    const auto how = WIFSIGNALED(status) ? "by signal " + std::to_string(WTERMSIG(status))
                                         : "with status " + std::to_string(WEXITSTATUS(status));
    if (c.asked) {
      journal_.info("autoscaler", named(c) + " has left, " + how);
      return;
    }
    if (now - c.since > reliable_after)
      c.retry.reset();
    wait_and_try_again(c, now, "it ended " + how);
  }

  void wait_and_try_again(child& c, time_point now, const std::string& why) {
    const auto pause = c.retry.next();
    c.again_at = now + pause;
    journal_.error("autoscaler", named(c) + ": " + why + "; it is started again in "
                                     + std::to_string(std::chrono::ceil<std::chrono::seconds>(pause).count()) + " s");
  }

  std::vector<std::string> command_;
  std::function<std::vector<std::string>(std::size_t)> arguments_of_;
  duration grace_;
  log& journal_;
  std::size_t wanted_ = 0;
  std::vector<child> all_;
};

} // namespace

std::unique_ptr<process_fleet> spawn_fleet(std::vector<std::string> command,
                                           std::function<std::vector<std::string>(std::size_t)> arguments_of,
                                           duration grace, log& journal) {
  return std::make_unique<children>(std::move(command), std::move(arguments_of), grace, journal);
}

} // namespace chalkstream::pipelines
