// The note committed beside an offset (Kafka's offset metadata, at most 4096 bytes by the broker's default). It is
// what makes three things survive a crash: which records beyond the offset are already published, which window a
// commit of unknown outcome belonged to, and how often the process died on this stretch of the log.
//
// Text form, version first: "c1;w=host-0.42;l=1;p=1;s=120;d=2+3,1+1". `d` holds pairs skip+length, relative to the
// committed offset and to the end of the range before. An unreadable note (another program's) counts as empty.
#pragma once

#include "core/offset_ledger.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream {

struct commit_note {
  /// Unique per transaction, so that a commit of unknown outcome can be recognised when it is read back.
  std::string window;
  /// Caution level of core/crash_guard.hpp.
  std::uint32_t level = 0;
  /// Whether anything was published since that level was entered.
  bool progressed = false;
  /// One past the highest offset that was in flight.
  std::int64_t suspect_until = 0;
  /// Finished ranges beyond the committed offset.
  std::vector<offset_range> finished;

  friend bool operator==(const commit_note&, const commit_note&) = default;
};

/// Ranges a note can hold and stay under the broker's limit (with a window's name of up to 256 bytes); a publisher
/// holds back what would add more.
inline constexpr std::size_t max_note_ranges = 128;

std::string encode(const commit_note& note, std::int64_t committed);
commit_note decode_commit_note(std::string_view text, std::int64_t committed);

} // namespace chalkstream
