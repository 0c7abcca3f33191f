#include "education/video_result.hpp"

#include "education/json_writer.hpp"
#include "education/result_encoder.hpp"

namespace chalkstream::education {

namespace {

void write_count(json_writer& json, std::string_view name, std::size_t count) {
  json.key(name).number(static_cast<std::uint64_t>(count));
}

void write_times(json_writer& json, const video_segment& segment) {
  json.key("start").number(rounded(segment.start)).key("end").number(rounded(segment.end));
  json.key("key_frame").number(rounded(segment.key_frame));
}

void write_finding(json_writer& json, const video_segment& segment) {
  json.key("label").string(segment.label).key("confidence").number(segment.confidence);
}

} // namespace

encoded_result encode_segment(const outcome& about, const video_findings& clip, std::size_t index) {
  const auto& segment = clip.segments[index];
  auto what = about;
  what.id += "-" + std::to_string(index + 1);
  auto value = encode_result(what, [&](json_writer& json) {
    json.key("segment").begin_object();
    write_count(json, "position", index + 1);
    write_count(json, "of", clip.segments.size());
    write_times(json, segment);
    json.end_object();
    write_finding(json, segment);
    write_verdict(json, what);
    write_model(json, "model", what.model.get());
  });
  return {std::move(value), result_headers("org.chalkstream.video.segment", what)};
}

encoded_result encode_video(const outcome& about, const video_findings& clip) {
  auto value = encode_result(about, [&](json_writer& json) {
    json.key("duration").number(rounded(clip.duration));
    write_count(json, "width", clip.width);
    write_count(json, "height", clip.height);
    write_count(json, "frames", clip.frames);
    json.key("segments").begin_array();
    for (const auto& segment : clip.segments) {
      json.begin_object();
      write_times(json, segment);
      write_finding(json, segment);
      json.end_object();
    }
    json.end_array();
    json.key("confidence");
    if (about.confidence)
      json.number(*about.confidence);
    else
      json.null();
    write_verdict(json, about);
    write_model(json, "model", about.model.get());
  });
  return {std::move(value), result_headers("org.chalkstream.video", about)};
}

} // namespace chalkstream::education
