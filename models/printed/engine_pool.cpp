#include "models/printed/engine_pool.hpp"

#include <utility>

namespace chalkstream::printed {

result<std::unique_ptr<engine_pool>> engine_pool::make(engine_settings settings) {
  std::unique_ptr<engine_pool> pool{new engine_pool(std::move(settings))};
  CHALK_TRY(auto first, page_engine::make(pool->settings_));
  pool->give_back(std::move(first));
  return pool;
}

result<page_reading> engine_pool::read(const picture& page) {
  CHALK_TRY(auto engine, take());
  auto found = engine.read(page);
  give_back(std::move(engine));
  return found;
}

result<page_engine> engine_pool::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty())
    return page_engine::make(settings_);
  auto engine = std::move(idle_.back());
  idle_.pop_back();
  return engine;
}

void engine_pool::give_back(page_engine engine) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(engine));
}

} // namespace chalkstream::printed
