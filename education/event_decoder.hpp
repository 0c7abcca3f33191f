// Bytes of a topic become an event, or a rejection that says why not (DESIGN section 4, the native event).
//
// The rule, field by field:
//   required             id, learner, type; text for short_answer, essay and question; image for image and video for
//                        video: an object with data (base64) or uri, and perhaps media_type and the bytes' sha256 (64
//                        hexadecimal digits in lower case), which is checked wherever the bytes come from
//   optional strings     tenant, course, assignment, item, question (empty if absent), lang (a BCP 47 tag), priority
//                        (exam, interactive, normal or bulk), deadline and occurred_at (RFC 3339 with an offset)
//   optional numbers     max_score (finite, not negative), attempt (a whole number from 1; 1 if absent),
//                        max_sentences (a whole number from 1 to 100)
//   optional arrays      references: strings with something in them, at most 64
//                        graded: {"text","label" or "score"}, answers to the same question that a person has graded,
//                        at most 256; a label is one of answer_class.hpp, a score from 0 to max_score
// null means absent. Ids are strings, never numbers: ids of learning systems exceed what a double holds. Ids have at
// most 512 bytes and no control characters. Fields we do not know are ignored. The same known field twice is invalid:
// two readers could disagree about which one counts.
#pragma once

#include "core/event.hpp"
#include "core/record.hpp"
#include "core/rejection.hpp"
#include "education/pseudonym.hpp"

#include <bitset>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

namespace chalkstream::education {

/// The event types a pipeline serves, by the value of event_type; any other is rejected as unknown_type.
using event_types = std::bitset<5>;
event_types only(std::initializer_list<event_type> types);
event_types all_event_types();

struct decoder_limits {
  std::size_t max_bytes = 1 << 20;
  /// How deep objects and arrays may nest, the event itself included.
  std::size_t max_depth = 32;
};

class event_decoder {
public:
  event_decoder(std::shared_ptr<const pseudonymiser> pseudonyms, event_types served, decoder_limits limits = {});

  /// Thread-safe; about 2 µs for an event of 700 bytes. The learner's id leaves only as its pseudonym. A rejection's
  /// detail names fields and limits and quotes nothing of the value. An exception can only be std::bad_alloc.
  std::variant<event, rejection> decode(std::optional<std::string_view> value) const;

  /// The same; or, where the value is an image or a clip itself, the event in its headers (image_record.hpp).
  std::variant<event, rejection> decode(const record& input) const;

private:
  std::variant<event, rejection> read(std::optional<std::string_view> json, bool has_bytes) const;

  std::shared_ptr<const pseudonymiser> pseudonyms_;
  event_types served_;
  decoder_limits limits_;
};

} // namespace chalkstream::education
