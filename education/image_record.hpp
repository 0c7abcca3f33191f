// A record whose value is an image or a clip itself: the CloudEvents 1.0 Kafka binding in binary mode. Its
// content-type says so, and headers hold the event's fields.
#pragma once

#include "core/record.hpp"

#include <string>

namespace chalkstream::education {

/// Whether the header content-type says image/…, application/pdf or video/….
bool is_file_record(const record& input);

/// The event as JSON, as if it had come that way: the fields of event_decoder.hpp from the headers ce_<field> (ce_id,
/// ce_learner, ce_item, …; CloudEvents' own ce_time is occurred_at), type "image", or "video" for clips, and a file
/// of which the media type is told, and what its bytes' SHA-256 should be (ce_sha256). Header values are text, attempt and max_score numbers; a repeated header is
/// a repeated field.
std::string event_of_file_record(const record& input);

} // namespace chalkstream::education
