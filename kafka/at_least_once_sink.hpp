// At least once: an idempotent producer, then the offsets. A window that fails half-way is sent again, and its
// results then exist twice; internal to this folder.
#pragma once

#include "kafka/producer.hpp"

#include <memory>

namespace chalkstream::kafka {

class at_least_once_sink final : public result_sink {
public:
  explicit at_least_once_sink(std::shared_ptr<member> m) : member_(std::move(m)) {}

  result<void> open() override;
  result<commit_outcome> commit(const commit_window& window) override;
  void close() override { producer_.reset(); }

private:
  bool deliver(const commit_window& window);
  bool commit_offsets(const commit_window& window);

  std::shared_ptr<member> member_;
  std::unique_ptr<producer> producer_;
  std::size_t batch_bytes_ = first_batch_bytes;
};

} // namespace chalkstream::kafka
