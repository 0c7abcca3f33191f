// The port results leave through. Shares the consumer actor's thread with record_source: a transaction needs the
// consumer's group membership, and a revoke must not pass an open transaction.
#pragma once

#include "core/error.hpp"
#include "core/record.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream {

enum class destination : std::uint8_t { results, dead_letters };

struct output {
  destination to = destination::results;
  std::optional<std::string> key;
  /// Owned results. For a dead letter `borrowed` is used instead: the original bytes, kept alive by `memory`.
  std::string value;
  std::optional<std::string_view> borrowed;
  std::shared_ptr<const void> memory;
  /// A dead letter of a record without a value has none either.
  bool null_value = false;
  std::vector<header> headers;
  wall_time timestamp{};
  /// Where it came from, for a claim check when the broker refuses its size.
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

struct commit_position {
  std::int32_t partition = 0;
  /// The next offset to read.
  std::int64_t offset = 0;
  /// core/commit_note.hpp
  std::string note;
};

/// Results, dead letters and offsets that become visible together.
struct commit_window {
  std::vector<output> outputs;
  std::vector<commit_position> positions;
};

enum class commit_outcome : std::uint8_t {
  committed,     // all of it is visible, exactly once (or at least once, if configured so)
  not_committed, // none of it is; poll the source (an assignment may have changed) and try again after a pause
};

class result_sink {
public:
  virtual ~result_sink() = default;

  /// After the source's open(). Takes the instance over (fences an older one); blocks up to its timeout.
  virtual result<void> open() = 0;

  /// Blocks for one transaction. After an unknown outcome it has made a new producer and read the committed offsets
  /// back before it answers. An error is fatal for the process: the promise cannot be kept.
  virtual result<commit_outcome> commit(const commit_window& window) = 0;

  /// Before the source's close().
  virtual void close() = 0;
};

} // namespace chalkstream
