#include "models/training/learning_device.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>

#include <algorithm>
#include <thread>

namespace chalkstream::models::training {

result<device> learning_device(const std::string& name, std::size_t threads) {
  CHALK_TRY(const auto where, parse_device(name));
  CHALK_CHECK(prepare_device(where));
  if (where.kind == device_kind::cuda) // the same seed, the same model
    at::globalContext().setDeterministicCuDNN(true);
  at::set_num_threads(static_cast<int>(threads > 0 ? threads : std::max(1U, std::thread::hardware_concurrency())));
  return where;
}

namespace {

at::DeviceType type_of(device_kind kind) {
  return kind == device_kind::cpu ? at::kCPU : at::kCUDA;
}

} // namespace

mixed_precision::mixed_precision(bool on, const device& where) : on_(on), kind_(where.kind) {
  if (!on_)
    return;
  at::autocast::set_autocast_dtype(type_of(kind_), at::kBFloat16);
  at::autocast::set_autocast_enabled(type_of(kind_), true);
}

mixed_precision::~mixed_precision() {
  if (!on_)
    return;
  at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(type_of(kind_), false);
}

} // namespace chalkstream::models::training
