// The prepare and complete stages: a pool of step workers on CAF's threads, one job each at a time, so that nothing
// waits while a worker is free. A worker that fails is replaced; its job is split and tried again, and a record that
// fails alone twice becomes a rejection. A worker routes flights onwards only after the whole job went through, so a
// failed job has had no effect.
#pragma once

#include "actors/directory.hpp"
#include "actors/record_log.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"

#include <deque>
#include <unordered_map>

namespace chalkstream::actors {

struct step_pool_settings {
  const char* label = "prepare"; // for the thread's name in logs
  std::size_t workers = 1;
  /// Records per job: small enough to share out, large enough that messages cost nothing.
  std::size_t job_size = 64;
  /// Workers have threads of their own, which give way to all others of the process.
  bool gives_way = false;
  const clock* time = &clock::system();
  class log* log = &log::none();
};

class step_worker_state {
public:
  using handle_type = step_worker_actor;
  static constexpr const char* name = "step_worker";

  step_worker_state(step_worker_actor::pointer self, std::size_t index, step_pool_actor pool, directory_ptr who,
                    const step_pool_settings& settings);
  step_worker_actor::behavior_type make_behavior();

private:
  void give_way();
  void run(const flights& batch) const;
  void route(const flights& batch);

  step_worker_actor::pointer self_;
  std::size_t index_;
  step_pool_actor pool_;
  directory_ptr who_;
  const clock* time_;
  bool gives_way_; // still to be told to the operating system
};

class step_pool_state {
public:
  using handle_type = step_pool_actor;
  static constexpr const char* name = "step_pool";

  step_pool_state(step_pool_actor::pointer self, step_pool_settings settings, directory_ptr who);
  step_pool_actor::behavior_type make_behavior();

private:
  struct worker {
    step_worker_actor handle;
    std::uint64_t job = 0; // 0: idle
  };

  void start_worker(std::size_t index);
  void worker_failed(std::size_t index);
  void retry(const flights& batch);
  void dispatch();

  step_pool_actor::pointer self_;
  step_pool_settings settings_;
  record_log journal_;
  directory_ptr who_;
  watcher<std::remove_pointer_t<step_pool_actor::pointer>> watcher_;
  std::vector<worker> workers_;
  std::deque<std::shared_ptr<const flights>> waiting_;
  std::unordered_map<std::uint64_t, std::shared_ptr<const flights>> running_;
  std::uint64_t next_job_ = 1;
  bool stopping_ = false;
};

} // namespace chalkstream::actors
