// Engines for whoever reads at present: one each, made when there are too few and kept.
#pragma once

#include "models/printed/page_engine.hpp"

#include <memory>
#include <mutex>
#include <vector>

namespace chalkstream::printed {

class engine_pool {
public:
  /// With one engine, so that what is wrong with the data shows here.
  static result<std::unique_ptr<engine_pool>> make(engine_settings settings);

  /// A page read by an engine that nobody else has meanwhile. Blocks; safe from any thread.
  result<page_reading> read(const picture& page);

private:
  explicit engine_pool(engine_settings settings) : settings_(std::move(settings)) {}
  result<page_engine> take();
  void give_back(page_engine engine);

  engine_settings settings_;
  std::mutex mutex_; // also over making: the libraries' own tables are filled meanwhile
  std::vector<page_engine> idle_;
};

} // namespace chalkstream::printed
