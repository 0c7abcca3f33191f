// Every message of the engine, one comment each, and every actor's interface. Data messages carry flights by
// reference; the number of flights in existence is bounded by the consumers' credit, and so is every mailbox.
#pragma once

#include "actors/caf_vocabulary.hpp"
#include "actors/flight.hpp"
#include "core/error.hpp"
#include "core/model.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

namespace chalkstream::actors {

// -- data ------------------------------------------------------------------------

/// Run each flight's next step: prepare, or complete once a model has run. To a step pool.
struct run_steps {
  std::shared_ptr<const flights> batch;
};

/// A pool hands its worker a job; `id` names it in `job_done`.
struct work_on {
  std::uint64_t id = 0;
  std::shared_ptr<const flights> batch;
};

/// A worker has routed every flight of the job onwards.
struct job_done {
  std::uint64_t id = 0;
  std::size_t worker = 0;
};

/// These flights need a model. To the scheduler.
struct enqueue {
  std::shared_ptr<const flights> batch;
};

/// These flights are through (reply or rejection), or were given up because their lease ends (still work). To the
/// consumer they came from.
struct flights_landed {
  std::shared_ptr<const flights> batch;
};

/// Run this packed batch, or one step of the texts of these flights where the model writes. To a slot, which has asked for it by `slot_ready`, or has been called back from helping.
struct run_batch {
  std::uint64_t id = 0;
  std::shared_ptr<const model> compute;
  std::shared_ptr<const flights> batch;
  std::shared_ptr<crew> helpers; // null: nobody will help
};

/// Help with what another slot is running, until that is through or `wanted` is true. To a slot that has asked.
struct help_batch {
  std::uint64_t id = 0;
  std::shared_ptr<crew> helpers;
  std::shared_ptr<const std::atomic<bool>> wanted;
};

/// Run a batch of made-up sequences and say how long it took. To a slot, while nothing else is waiting.
struct measure_batch {
  std::uint64_t id = 0;
  std::shared_ptr<const model> compute;
  std::size_t tokens = 0;
};

/// A slot asks for work; with the outcome of what it had, if it had something. To the scheduler.
struct slot_ready {
  std::size_t slot = 0;
  std::uint64_t id = 0; // 0: it had none
  std::chrono::nanoseconds busy{};
  std::shared_ptr<const error> failure = {}; // null: the batch went through
  /// Of a step of a model that writes: the flights whose texts go on (null: none), and how many texts have finished.
  std::shared_ptr<const flights> going_on = {};
  std::size_t finished_texts = 0;
};

/// Load a model on one of its devices. To the loader; both numbers are the scheduler's.
struct load_model {
  std::size_t model = 0;
  std::size_t place = 0;
  std::function<result<std::shared_ptr<const chalkstream::model>>()> load;
};

/// A model is there, or it could not be loaded. To the scheduler.
struct model_back {
  std::size_t model = 0;
  std::size_t place = 0;
  std::shared_ptr<const chalkstream::model> compute; // null: it failed
  std::shared_ptr<const error> failure;
};

// -- control ----------------------------------------------------------------------

/// So many slots may run the model from now on, up to its configured most; what runs goes on. 0: its weights are let go
/// once nothing of it runs or waits, until something comes. To the scheduler.
struct allow_replicas {
  std::size_t model = 0;
  std::size_t replicas = 0;
};

/// From now on the model is to be on that device of its, or not to be there any more; what it has begun there is
/// finished. To the scheduler, which keeps it where it is while it has work and would be nowhere else.
struct keep_on_device {
  std::size_t model = 0;
  std::size_t place = 0;
  bool wanted = true;
};

/// The source may have something new, or credit came back. To a consumer.
struct poll_source {};

/// Regular upkeep: membership, deadlines of revokes, gauges. The first one, from the supervisor, starts the actor: by
/// then everybody is in the directory.
struct tick {};

/// The transaction window may be due.
struct close_window {
  std::uint64_t generation = 0;
};

/// Leases have ended: return what is queued and has not reached a device. To the scheduler.
struct purge {};

/// Finish what is on a device, commit, leave the group, then report. To a consumer; `grace` bounds it, and the
/// shortest of several counts.
struct drain {
  std::chrono::nanoseconds grace{};
};

/// A consumer has committed what it could and closed its source and sink. To the supervisor.
struct consumer_closed {
  std::size_t consumer = 0;
  std::shared_ptr<const error> failure; // null: in order
};

/// End at once; nothing is waiting for you any more.
struct stop {};

// -- interfaces --------------------------------------------------------------------

/// Runs jobs' steps on a CAF worker thread.
using step_worker_actor = actor_of<void(work_on), void(stop)>;

/// Shares jobs out among its workers, restarts one that fails and gives its job another try.
using step_pool_actor = actor_of<void(run_steps), void(job_done), void(stop)>;

/// Holds what is ready for every model; slots pull from it.
using scheduler_actor = actor_of<void(enqueue), void(slot_ready), void(allow_replicas), void(keep_on_device),
                                 void(model_back), void(purge), void(tick), void(stop)>;

/// Loads models on a thread of its own, one after the other.
using loader_actor = actor_of<void(load_model), void(stop)>;

/// Asks at each tick how many replicas there should be, on a thread of its own, and tells the scheduler.
using autoscaler_actor = actor_of<void(tick), void(stop)>;

/// One execution context of a device on a thread of its own.
using slot_actor = actor_of<void(run_batch), void(help_batch), void(measure_batch), void(stop)>;

/// Brings records in and results out for one pipeline, on a thread of its own.
using consumer_actor = actor_of<void(poll_source), void(flights_landed), void(tick), void(close_window), void(drain)>;

/// Starts the others, ends them in order, and ends the process's promise if one of them cannot go on.
using supervisor_actor = actor_of<void(drain), void(consumer_closed)>;

} // namespace chalkstream::actors

#define CHALK_MESSAGE(name) CAF_ADD_TYPE_ID(chalkstream_actors, (chalkstream::actors::name))
CAF_BEGIN_TYPE_ID_BLOCK(chalkstream_actors, first_custom_type_id)
CHALK_MESSAGE(run_steps)
CHALK_MESSAGE(work_on)
CHALK_MESSAGE(job_done)
CHALK_MESSAGE(enqueue)
CHALK_MESSAGE(flights_landed)
CHALK_MESSAGE(run_batch)
CHALK_MESSAGE(help_batch)
CHALK_MESSAGE(measure_batch)
CHALK_MESSAGE(slot_ready)
CHALK_MESSAGE(load_model)
CHALK_MESSAGE(model_back)
CHALK_MESSAGE(allow_replicas)
CHALK_MESSAGE(keep_on_device)
CHALK_MESSAGE(poll_source)
CHALK_MESSAGE(tick)
CHALK_MESSAGE(close_window)
CHALK_MESSAGE(purge)
CHALK_MESSAGE(drain)
CHALK_MESSAGE(consumer_closed)
CHALK_MESSAGE(stop)
CAF_END_TYPE_ID_BLOCK(chalkstream_actors)
#undef CHALK_MESSAGE

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::run_steps)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::work_on)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::job_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::enqueue)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::flights_landed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::run_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::help_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::measure_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::slot_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::load_model)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::model_back)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::allow_replicas)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::keep_on_device)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::poll_source)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::close_window)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::purge)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::drain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::consumer_closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chalkstream::actors::stop)
