#include "pipelines/scaling/process_fleet.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace chalkstream::pipelines {

namespace {

constexpr std::size_t most_units = 1024;

result<void> systemctl(const char* word, const char* how, std::string unit) {
  std::string program = "systemctl", verb = word, flag = how;
  char* const argv[] = {program.data(), verb.data(), flag.data(), unit.data(), nullptr};
  pid_t pid = -1;
  int status = 0;
  if (posix_spawnp(&pid, program.c_str(), nullptr, nullptr, argv, environ) != 0 || waitpid(pid, &status, 0) != pid)
    return {errc::io, "systemctl cannot be run: is this a machine with systemd? --spawn needs none"};
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return {errc::io, "systemctl " + verb + " " + unit + " failed"};
  return {};
}

class units final : public process_fleet {
public:
  units(std::string unit, log& journal) : unit_(std::move(unit)), journal_(journal) {
    while (there_ < most_units && systemctl("is-active", "--quiet", named(there_ + 1)))
      ++there_;
    found_ = there_;
  }

  std::size_t found() const override { return found_; }

  result<void> want(std::size_t processes) override {
    for (; there_ < processes; ++there_)
      CHALK_CHECK(tell("start", there_ + 1));
    for (; there_ > processes; --there_)
      CHALK_CHECK(tell("stop", there_));
    return {};
  }

  void look_after(time_point) override {}
  void leave() override {}

private:
  result<void> tell(const char* verb, std::size_t number) {
    CHALK_CHECK(systemctl(verb, "--no-block", named(number)));
    journal_.info("autoscaler", std::string{verb} + " " + named(number));
    return {};
  }

  std::string named(std::size_t number) const { return unit_ + "@" + std::to_string(number) + ".service"; }

  std::string unit_;
  log& journal_;
  std::size_t there_ = 0;
  std::size_t found_ = 0;
};

} // namespace

std::unique_ptr<process_fleet> systemd_fleet(std::string unit, log& journal) {
  return std::make_unique<units>(std::move(unit), journal);
}

} // namespace chalkstream::pipelines
