// What a person made of a grade, as it comes on a topic of its own (decision 0041).
//
// The rule, field by field:
//   required             id, learner, reviewer, type: "override"; score or label, or both; event (the
//                        submission's) or assignment, or both
//   optional strings     result (the grade's own id, where the reviewer's tool knows it), tenant, course, item,
//                        reason (up to 4096 bytes), occurred_at (RFC 3339 with an offset)
//   optional numbers     max_score (finite, above 0; 1 if absent); score lies between 0 and it
// Ids and labels are as an event's ids: strings, at most 512 bytes, no control characters. null means absent, fields
// we do not know are ignored, and the same known field twice is invalid. Learning systems' own events are read, too:
// lms_override.hpp has which fields these are in Caliper, xAPI and Canvas Live Events.
#pragma once

#include "core/clock.hpp"
#include "core/rejection.hpp"
#include "education/event_decoder.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace chalkstream::education {

struct grade_override {
  std::string id;
  /// The submission that was graded; empty: the learner's newest for the assignment and item.
  std::string event;
  /// Which of its grades; empty: the newest.
  std::string result;
  /// Both pseudonyms, of the same key and tenant.
  std::string learner;
  std::string reviewer;
  std::string tenant;
  std::string course;
  std::string assignment;
  std::string item;
  std::optional<double> score;
  double max_score = 1;
  std::string label;
  std::string reason;
  std::optional<wall_time> occurred_at;
};

class override_decoder {
public:
  /// `tenant` is that of overrides that do not say theirs.
  explicit override_decoder(std::shared_ptr<const pseudonymiser> pseudonyms, decoder_limits limits = {},
                            std::string tenant = {});

  /// Thread-safe. Neither id of a person leaves it; a rejection's detail names fields and quotes nothing of the
  /// value.
  std::variant<grade_override, rejection> decode(std::optional<std::string_view> value) const;

private:
  std::shared_ptr<const pseudonymiser> pseudonyms_;
  decoder_limits limits_;
  std::string tenant_;
};

} // namespace chalkstream::education
