#include "core/event.hpp"

namespace chalkstream {

std::string_view to_string(event_type type) noexcept {
  switch (type) {
  case event_type::short_answer: return "short_answer";
  case event_type::essay: return "essay";
  case event_type::image: return "image";
  case event_type::question: return "question";
  case event_type::video: return "video";
  }
  return "unknown";
}

std::string_view to_string(priority level) noexcept {
  switch (level) {
  case priority::exam: return "exam";
  case priority::interactive: return "interactive";
  case priority::normal: return "normal";
  case priority::bulk: return "bulk";
  }
  return "unknown";
}

} // namespace chalkstream
