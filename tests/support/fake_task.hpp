// A task that does what the record's value says, a word at a time:
//
//   work 12            one sequence of 12 tokens, then the reply "<value> = <first float of the row>"
//     model=1          … for the pipeline's second model
//     id=2             … the first token is this id (a marker of fake_model)
//     sequences=3      … three sequences of 12 tokens each
//     write=8        … each sequence is the prompt of a text of 8 tokens (of fake_writer)
//     urgency=exam     … exam, interactive, normal or bulk
//     deadline=250     … wall time of 250 ms after the clock's start (milliseconds since 1970)
//     steps=2          … the first reply is another work; the row of the last step answers
//     then=reject      … complete rejects it, or with then=throw throws, or with then=review replies for review
//   reply TEXT         an immediate reply
//   reject REASON      a rejection, by its name in core/rejection.hpp
//   throw              throws, against its contract
//
// Anything else is rejected as malformed_json, a record without a value as empty_value. Keys are passed through.
#pragma once

#include "core/task.hpp"

#include <atomic>

namespace chalkstream::test {

class fake_task final : public task {
public:
  task_step prepare(const record& input) const override;
  task_step complete(const record& input, work done, const output_rows& rows, const timing& spent) const override;

  /// The reply to `value` when its work of `steps` steps is done by a fake_model, or by a fake_writer.
  static std::string reply_to(std::string_view value);

  std::size_t prepared() const noexcept { return prepared_; }
  std::size_t completed() const noexcept { return completed_; }

private:
  mutable std::atomic<std::size_t> prepared_ = 0;
  mutable std::atomic<std::size_t> completed_ = 0;
};

} // namespace chalkstream::test
