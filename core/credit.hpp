// Back-pressure in one number pair. The consumer takes credit for every record it hands on and gets it back when the
// record's result is committed, so what is inside the engine is bounded in records and in bytes.
//
// The byte limit is soft by one poll: a record's size is known only once it has been read, and a record larger than
// the whole limit must still pass when it is alone.
#pragma once

#include <cstddef>

namespace chalkstream {

class credit {
public:
  credit(std::size_t max_records, std::size_t max_bytes) noexcept : max_records_(max_records), max_bytes_(max_bytes) {}

  /// How many more records may be read now; 0 says stop reading.
  std::size_t available() const noexcept {
    if (records_ >= max_records_ || (bytes_ >= max_bytes_ && records_ > 0))
      return 0;
    return max_records_ - records_;
  }

  void take(std::size_t bytes) noexcept {
    ++records_;
    bytes_ += bytes;
  }

  /// Gives back what one record took; the same number of bytes must be passed.
  void give(std::size_t bytes) noexcept;

  std::size_t records() const noexcept { return records_; }
  std::size_t bytes() const noexcept { return bytes_; }
  bool idle() const noexcept { return records_ == 0; }

private:
  std::size_t max_records_;
  std::size_t max_bytes_;
  std::size_t records_ = 0;
  std::size_t bytes_ = 0;
};

} // namespace chalkstream
