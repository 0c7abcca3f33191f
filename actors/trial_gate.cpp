#include "actors/trial_gate.hpp"

namespace chalkstream::actors {

bool trial_gate::place::enter() {
  const std::lock_guard lock(gate_->mutex_);
  if (gate_->holder_ != nullptr && !holding_)
    return false;
  if (!inside_)
    ++gate_->inside_;
  inside_ = true;
  return true;
}

void trial_gate::place::leave() {
  if (!inside_)
    return;
  const std::lock_guard lock(gate_->mutex_);
  --gate_->inside_;
  inside_ = false;
}

bool trial_gate::place::reserve() {
  const std::lock_guard lock(gate_->mutex_);
  if (gate_->holder_ != nullptr && !holding_)
    return false;
  gate_->holder_ = this;
  holding_ = true;
  return gate_->inside_ == (inside_ ? 1U : 0U);
}

void trial_gate::place::release() {
  if (!holding_)
    return;
  const std::lock_guard lock(gate_->mutex_);
  gate_->holder_ = nullptr;
  holding_ = false;
}

} // namespace chalkstream::actors
