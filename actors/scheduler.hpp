// Holds what is ready for every model and lets slots pull from it. One scheduler a process: the most urgent record of
// any model runs next, whatever backlog another model has. Supervises the slots: one that fails is replaced, the
// records of its batch are tried again one by one, and a record that keeps failing alone becomes a rejection.
//
// A model that writes runs a step at a time: a record's texts take their room before the first, come back into the
// queue after each, and give way there to what is more urgent. What finds no room waits aside until others have
// finished.
//
// How many slots a model may hold changes while it runs (autoscaling). A model that may hold none is unloaded when
// nothing of it runs or waits; what comes for it later waits while it is loaded again, off to the side.
//
// A slot belongs to a device and runs only what is loaded there. A model may be on several devices at once, the best
// of them first, and on which may change, too: it is loaded off to the side, and what has begun where it leaves is
// finished there. The last place of a model is never taken from it while it has work.
#pragma once

#include "actors/directory.hpp"
#include "actors/record_log.hpp"
#include "core/backoff.hpp"
#include "core/budget_search.hpp"
#include "core/log.hpp"
#include "core/work_queue.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

namespace chalkstream::actors {

/// What a model may hold at present; written by the scheduler, read by any thread.
struct replica_count {
  std::atomic<std::size_t> allowed{0};
  std::atomic<bool> loaded{true};
  /// When work last woke it although it was to rest; the epoch if none has.
  std::atomic<time_point> woken{time_point{}};
};

/// What there is of a model on one device; written by the scheduler, read by any thread.
struct place_status {
  /// It is to be there, whether it has been loaded or not.
  std::atomic<bool> wanted{true};
  std::atomic<bool> loaded{false};
};

/// A model on one of its devices.
struct model_place {
  /// In the scheduler's list of devices.
  std::size_t device = 0;
  /// Null: not there yet.
  std::shared_ptr<const model> compute;
  /// Tokens a batch may hold.
  std::size_t token_budget = 512;
  /// Look for a better budget while idle; `found` is called with it, on the scheduler's thread.
  bool search_budget = false;
  std::function<void(std::size_t)> found{};
  std::shared_ptr<monitoring::model_probe> probe;
  /// Loads it, the very same as anywhere else; blocks. Empty: it is never unloaded.
  std::function<result<std::shared_ptr<const model>>()> load = {};
  std::shared_ptr<place_status> status = std::make_shared<place_status>();
};

struct scheduled_model {
  std::string name;
  /// At least one, no two on one device, the one that is used first at the front.
  std::vector<model_place> places;
  /// How many slots may run it at once, on all devices together; at first, and at most later.
  std::size_t max_replicas = 1;
  std::shared_ptr<replica_count> replicas = std::make_shared<replica_count>();
};

struct scheduled_device {
  /// "cpu", "cuda:0"
  std::string name = "cpu";
  std::size_t slots = 1;
  /// Null: nobody wants to know.
  std::shared_ptr<monitoring::device_probe> probe = {};
};

/// Starts the slot of that index, counted through all devices.
using slot_maker = std::function<slot_actor(caf::actor_system&, std::size_t, const directory_ptr&, const clock*)>;

/// On a thread of its own, which ends with it.
slot_actor start_detached_slot(caf::actor_system& system, std::size_t index, const directory_ptr& who,
                               const clock* time);

/// Starts the actor that loads models.
using loader_maker = std::function<loader_actor(caf::actor_system&, const directory_ptr&)>;

/// On a thread of its own, which ends with it.
loader_actor start_detached_loader(caf::actor_system& system, const directory_ptr& who);

struct scheduler_settings {
  std::vector<scheduled_device> devices{scheduled_device{}};
  std::vector<scheduled_model> models;
  /// How often a record whose batch failed (it may have been the only one in it) is tried again, alone, before it is
  /// rejected.
  std::uint32_t max_attempts = 2;
  /// A batch of at least this many tokens is helped by idle slots of its device, where nothing else waits.
  std::size_t help_from_tokens = 96;
  slot_maker make_slot = start_detached_slot;
  /// Called when a model must be loaded again for the first time.
  loader_maker make_loader = start_detached_loader;
  const clock* time = &clock::system();
  class log* log = &log::none();
};

class scheduler_state {
public:
  using handle_type = scheduler_actor;
  static constexpr const char* name = "scheduler";

  scheduler_state(scheduler_actor::pointer self, scheduler_settings settings, directory_ptr who);
  scheduler_actor::behavior_type make_behavior();

private:
  /// A model, and which of its places.
  struct residence {
    std::size_t model = 0;
    std::size_t place = 0;
  };

  struct slot_line {
    std::size_t device = 0;
    slot_actor handle = {};
    bool idle = false;
    std::uint64_t batch = 0;                        // what it runs or helps with; 0: none
    std::uint64_t helps = 0;                        // the batch it helps with; 0: none
    std::shared_ptr<std::atomic<bool>> wanted = {}; // calls it back from helping
    residence of = {};                              // that it computes for
    residence of_before = {};                       // and did before it was called back
  };

  struct running_batch {
    residence of;
    std::shared_ptr<const flights> batch; // null: a measurement
    std::size_t tokens = 0;
    std::shared_ptr<crew> helpers = {};  // null: takes no help, or no longer
    std::size_t texts = 0;               // that a model writes on
    std::vector<time_point> beginning{}; // when those were ready whose first step it is
    std::shared_ptr<const journey> traced = {}; // of one of them; its ids alone are ours to read
  };

  struct lane_place {
    model_place settings;
    std::size_t running = 0;
    double tokens_per_second = 0; // of one slot, smoothed
    duration busy{};              // of all slots, since the last report
    std::optional<budget_search> search = {};
    bool full = false; // had no room for the last text it was asked for
    bool loading = false;
    backoff retry{first_reload_pause, longest_reload_pause};
    std::optional<time_point> load_again_at = {}; // after a failure

    bool wanted() const noexcept { return settings.status->wanted; }
    bool serves() const noexcept { return settings.compute && wanted(); }
  };

  struct lane {
    std::string name;
    std::vector<lane_place> places;
    std::size_t max_replicas = 1;
    std::shared_ptr<replica_count> replicas;
    std::size_t allowed = 0; // replicas, at present
    bool resting = false;    // to be unloaded once it has nothing to do

    std::size_t running() const noexcept;
    bool loaded() const noexcept;
    bool loading() const noexcept;
    /// Loaded there still, to be so no longer, and served elsewhere.
    bool leaves(std::size_t place) const noexcept;
  };

  using queue = work_queue<flight_ptr>;

  /// Of a record whose texts a model is to write: some can go on, it waits aside, or it is dealt with.
  enum class room : std::uint8_t { taken, awaited, refused };

  static constexpr auto first_reload_pause = std::chrono::seconds(1);
  static constexpr auto longest_reload_pause = std::chrono::seconds(60);

  /// In the list of models. The flight must need one.
  static std::size_t model_of(const flight& f) { return f.route->models[std::get<work>(f.step).model]; }

  void start();
  void start_slot(std::size_t index);
  void slot_failed(std::size_t index);
  void take_in(const flights& batch);
  void finished(std::size_t slot, const slot_ready& report);
  void failed(const running_batch& b, const error& why);
  void try_again(const flight_ptr& f, const error& why);
  void reject(const flight_ptr& f, const error& why, std::uint32_t attempts);
  void dispatch();
  bool dispatch_one();
  void measure_if_idle();
  void measured(lane_place& of, duration took);
  void purge_ending();
  void report();
  void report(const lane& of, std::size_t model);
  void report_devices(double window);
  void lend_idle_slots();
  void allow(std::size_t model, std::size_t replicas);
  void wake_for(const flights& batch);
  void unload_if_idle(std::size_t model);
  void load(std::size_t model);
  static void show(const lane& of);
  void keep(const keep_on_device& wanted);
  void leave_if_through(std::size_t model);
  void load_there(std::size_t model, std::size_t place);
  void came_back(const model_back& report);
  void look_after_unloaded();
  bool give_up_expired(const flight_ptr& f, time_point now);
  lane_place& at(residence r) { return lanes_[r.model].places[r.place]; }
  const std::string& device_of(const lane_place& p) const { return settings_.devices[p.settings.device].name; }
  std::size_t slots_on(std::size_t device) const { return settings_.devices[device].slots; }
  std::size_t idle_slots(std::size_t device) const;
  slot_line* idle_slot(std::size_t device);
  slot_line* slot_to_call_back(std::size_t device, const queue::entry& first);
  slot_line* slot_for(std::size_t device, const queue::entry& first);
  std::optional<queue::opening> opening(residence r) const;
  bool worth_running(residence r, const queue::entry& first) const;
  std::uint64_t occupy(slot_line& slot, residence of);
  std::vector<flight_ptr> select(const queue::turn& next, std::size_t budget, flights& home);
  room give_room(residence r, queue::entry& e);
  void drop_texts(flight& f);
  void call_back_waiting();

  scheduler_actor::pointer self_;
  scheduler_settings settings_;
  directory_ptr who_;
  watcher<std::remove_pointer_t<scheduler_actor::pointer>> watcher_;
  queue queue_;
  std::vector<lane> lanes_;
  std::vector<slot_line> slots_;
  loader_actor loader_; // null until it is needed
  record_log journal_;
  std::unordered_map<std::uint64_t, running_batch> running_;
  std::uint64_t next_batch_ = 1;
  time_point quiet_since_{};
  time_point last_report_{};
  bool started_ = false;
  bool stopping_ = false;
};

} // namespace chalkstream::actors
