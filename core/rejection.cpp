#include "core/rejection.hpp"

namespace chalkstream {

std::string_view to_string(reject_reason reason) noexcept {
  switch (reason) {
  case reject_reason::malformed_json: return "malformed_json";
  case reject_reason::invalid_utf8: return "invalid_utf8";
  case reject_reason::too_large: return "too_large";
  case reject_reason::too_deep: return "too_deep";
  case reject_reason::wrong_type: return "wrong_type";
  case reject_reason::missing_field: return "missing_field";
  case reject_reason::invalid_value: return "invalid_value";
  case reject_reason::unknown_type: return "unknown_type";
  case reject_reason::empty_value: return "empty_value";
  case reject_reason::empty_text: return "empty_text";
  case reject_reason::unreadable_image: return "unreadable_image";
  case reject_reason::image_too_large: return "image_too_large";
  case reject_reason::unreachable_image: return "unreachable_image";
  case reject_reason::unreadable_video: return "unreadable_video";
  case reject_reason::video_too_large: return "video_too_large";
  case reject_reason::unreachable_video: return "unreachable_video";
  case reject_reason::source_unavailable: return "source_unavailable";
  case reject_reason::text_too_long: return "text_too_long";
  case reject_reason::expired: return "expired";
  case reject_reason::prepare_failed: return "prepare_failed";
  case reject_reason::model_failed: return "model_failed";
  case reject_reason::crashed_process: return "crashed_process";
  case reject_reason::result_too_large: return "result_too_large";
  }
  return "unknown";
}

std::string_view to_string(stage where) noexcept {
  switch (where) {
  case stage::ingest: return "ingest";
  case stage::prepare: return "prepare";
  case stage::schedule: return "schedule";
  case stage::compute: return "compute";
  case stage::complete: return "complete";
  case stage::publish: return "publish";
  }
  return "unknown";
}

} // namespace chalkstream
