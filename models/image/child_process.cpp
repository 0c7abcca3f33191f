#include "models/image/child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace chalkstream::image {

namespace {

constexpr std::size_t most_complaints = 4096;
constexpr std::size_t portion = std::size_t{64} << 10;
constexpr int after_time_ms = 50; // between two looks at the clock

class descriptor {
public:
  explicit descriptor(int number = -1) : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~descriptor() { close(); }
  int number() const { return number_; }
  void close() {
    if (number_ >= 0)
      ::close(std::exchange(number_, -1));
  }

private:
  int number_;
};

error refused(const std::string& what) {
  return {errc::io, what + ": " + std::strerror(errno)};
}

/// Ours and the child's end. Sockets rather than pipes: a write to one whose reader has gone is an error, not a
/// signal.
result<std::pair<descriptor, descriptor>> stream() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return refused("a child process cannot be given its streams");
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return std::pair{descriptor(ends[0]), descriptor(ends[1])};
}

result<std::string> found(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::string_view left = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  while (!left.empty()) {
    const auto colon = std::min(left.find(':'), left.size());
    const auto file = std::string(left.substr(0, colon)) + "/" + program;
    left.remove_prefix(std::min(colon + 1, left.size()));
    if (file.front() == '/' && ::access(file.c_str(), X_OK) == 0)
      return file;
  }
  return error{errc::not_found, "the program " + program + " is not installed"};
}

struct streams {
  descriptor in, out, complaints;
};

/// The child's process number; it waits for its input, so that there is time to bound it.
result<pid_t> spawn(const std::string& file, const std::vector<std::string>& arguments, const streams& of_child) {
  std::vector<char*> words{const_cast<char*>(file.c_str())};
  for (const auto& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  std::string path = "PATH=/usr/local/bin:/usr/bin:/bin", locale = "LC_ALL=C";
  std::array<char*, 3> environment{path.data(), locale.data(), nullptr};

  posix_spawn_file_actions_t files;
  posix_spawnattr_t how;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&how);
  ::posix_spawn_file_actions_adddup2(&files, of_child.in.number(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, of_child.out.number(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, of_child.complaints.number(), STDERR_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&how, &none);
  ::posix_spawnattr_setsigdefault(&how, &all);
  ::posix_spawnattr_setpgroup(&how, 0); // the terminal's Ctrl-C is for us; we end it
  ::posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  pid_t child = 0;
  errno = ::posix_spawn(&child, file.c_str(), &files, &how, words.data(), environment.data());
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&how);
  if (errno != 0)
    return refused(file + " cannot be started");
  return child;
}

bool bound(pid_t child, const child_limits& limits) {
  const auto set = [child](auto resource, rlim_t most) {
    const rlimit both{most, most};
    return ::prlimit(child, resource, &both, nullptr) == 0;
  };
  const auto seconds = static_cast<rlim_t>(limits.time.count() / 1000 + 1);
  return set(RLIMIT_AS, limits.memory) && set(RLIMIT_CPU, seconds) && set(RLIMIT_FSIZE, 0) && set(RLIMIT_CORE, 0)
         && set(RLIMIT_NOFILE, 64);
}

/// Ends the child and everything it began, and waits for it.
class reaper {
public:
  explicit reaper(pid_t child) : child_(child) {}
  ~reaper() {
    if (child_ > 0)
      end();
  }
  void end() {
    ::kill(-child_, SIGKILL);
    ::kill(child_, SIGKILL);
    wait();
  }
  int wait() {
    int status = 0;
    while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    child_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

private:
  pid_t child_;
};

/// Appends what is there; false when the other end has closed.
bool take(const descriptor& from, std::string& to, std::size_t most) {
  std::array<char, portion> buffer;
  const auto got = ::read(from.number(), buffer.data(), buffer.size());
  if (got < 0)
    return errno == EAGAIN || errno == EINTR;
  to.append(buffer.data(), std::min(static_cast<std::size_t>(got), most - std::min(most, to.size())));
  return got > 0;
}

/// Gives what there is room for; closes at the end, or when the child wants no more.
void give(descriptor& to, std::span<const std::byte>& input) {
  const auto sent = ::send(to.number(), input.data(), std::min(input.size(), portion), MSG_NOSIGNAL);
  if (sent > 0)
    input = input.subspan(static_cast<std::size_t>(sent));
  const bool refuses = sent < 0 && errno != EAGAIN && errno != EINTR;
  if (input.empty() || refuses)
    to.close();
}

void talk(streams& ours, std::span<const std::byte> input, const child_limits& limits, child_answer& answer) {
  const auto end = std::chrono::steady_clock::now() + limits.time;
  if (input.empty())
    ours.in.close();
  while (ours.out.number() >= 0 || ours.complaints.number() >= 0) {
    std::array<pollfd, 3> ready{{{ours.in.number(), POLLOUT, 0}, // poll passes over what is closed
                                 {ours.out.number(), POLLIN, 0},
                                 {ours.complaints.number(), POLLIN, 0}}};
    ::poll(ready.data(), ready.size(), after_time_ms);
    if (ready[0].revents != 0)
      give(ours.in, input);
    if (ready[1].revents != 0 && !take(ours.out, answer.output, limits.output + 1))
      ours.out.close();
    if (ready[2].revents != 0 && !take(ours.complaints, answer.complaints, most_complaints))
      ours.complaints.close();
    answer.over_output = answer.output.size() > limits.output;
    answer.over_time = std::chrono::steady_clock::now() >= end;
    if (answer.over_output || answer.over_time)
      return;
  }
}

} // namespace

result<child_answer> run_child(const std::string& program, const std::vector<std::string>& arguments,
                               std::span<const std::byte> input, const child_limits& limits) {
  CHALK_TRY(const auto file, found(program));
  CHALK_TRY(auto in, stream());
  CHALK_TRY(auto out, stream());
  CHALK_TRY(auto complaints, stream());
  streams ours{std::move(in.first), std::move(out.first), std::move(complaints.first)};
  pid_t child = 0;
  {
    const streams theirs{std::move(in.second), std::move(out.second), std::move(complaints.second)};
    CHALK_TRY(child, spawn(file, arguments, theirs));
  }
  reaper watch(child);
  if (!bound(child, limits))
    return refused(file + " cannot be bounded");
  child_answer answer;
  talk(ours, input, limits, answer);
  if (answer.over_output || answer.over_time)
    watch.end();
  else
    answer.status = watch.wait();
  return answer;
}

} // namespace chalkstream::image
