// Runs actors one message at a time, on a clock the test moves by hand, so that an actor test has one outcome. For
// programs that link the actors; main() must register their message types before InitGoogleTest.
#pragma once

#include "actors/caf_vocabulary.hpp"

#include <gtest/gtest.h>

#if CHALKSTREAM_CAF_1
#include <caf/test/fixture/deterministic.hpp>
#include <caf/test/reporter.hpp>

#include <memory>
#else
#include <caf/scheduler/test_coordinator.hpp>
#endif

namespace chalkstream::test {

#if CHALKSTREAM_CAF_1

/// CAF's fixture insists on reporting its steps; GoogleTest already reports ours.
struct silent_reporter {
  std::unique_ptr<caf::test::reporter> reporter = caf::test::reporter::make_default();
  silent_reporter() {
    reporter->verbosity(0); // it may not print outside of a test of its own
    caf::test::reporter::instance(reporter.get());
  }
  ~silent_reporter() { caf::test::reporter::instance(nullptr); }
};

class actor_fixture : public ::testing::Test, private silent_reporter, private caf::test::fixture::deterministic {
protected:
  caf::actor_system& system() { return sys; }

  /// Runs actors until no message is left.
  void deliver_all() { dispatch_messages(); }

  /// Moves the actors' clock, then delivers what became due and what follows from it.
  void advance(caf::timespan by) {
    advance_time(by);
    dispatch_messages();
  }
};

#else

class actor_fixture : public ::testing::Test {
protected:
  caf::actor_system& system() { return system_; }

  /// Runs actors until no message is left.
  void deliver_all() { scheduler_.run(); }

  /// Moves the actors' clock, then delivers what became due and what follows from it.
  void advance(caf::timespan by) {
    scheduler_.advance_time(by);
    scheduler_.run();
  }

private:
  struct config : caf::actor_system_config {
    config() {
      set("scheduler.policy", caf::atom("testing"));
      set("logger.console", caf::atom("none"));
    }
  };

  config config_;
  caf::actor_system system_{config_};
  caf::scheduler::test_coordinator& scheduler_ = dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
};

#endif

} // namespace chalkstream::test
