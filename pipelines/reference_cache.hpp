// Reference answers as the encoder sees them, kept between submissions: a hundred answers to one question embed its
// references once.
#pragma once

#include "education/short_answer.hpp"

#include <array>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace chalkstream::pipelines {

/// At most `capacity` entries, the least recently used one leaves first. Thread-safe: a lock for each of sixteen
/// parts.
class reference_cache {
public:
  explicit reference_cache(std::size_t capacity);

  /// Null if it is not there.
  std::shared_ptr<const education::reference_answer> find(std::string_view text);

  /// Keeps it, unless its text is over 8 KiB: one teacher's book must not displace everybody's sentences.
  void keep(std::shared_ptr<const education::reference_answer> entry);

  std::size_t size() const;

private:
  using entries = std::list<std::shared_ptr<const education::reference_answer>>;
  struct part {
    mutable std::mutex mutex;
    entries recent; // most recently used first
    std::unordered_map<std::string_view, entries::iterator> by_text;
  };

  part& part_of(std::string_view text);

  std::size_t part_capacity_;
  std::array<part, 16> parts_;
};

} // namespace chalkstream::pipelines
