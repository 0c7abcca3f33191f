#include "pipelines/configuration/clips.hpp"

#include "pipelines/configuration/remote.hpp"
#include "pipelines/configuration/units.hpp"

namespace chalkstream::pipelines {

using namespace std::chrono_literals;

void read_clips(config_section& pipeline, pipeline_configuration& into) {
  auto s = pipeline.section("clips");
  if (const auto folders = s.text_list("folders"))
    into.image_folders.assign(folders->begin(), folders->end());
  read_remote(s, into);
  auto& limits = into.clip_limits;
  limits.max_bytes = s.bytes("max_bytes", 1, 2'000'000'000).value_or(limits.max_bytes);
  limits.max_pixels = s.count("max_pixels", 1, 100'000'000).value_or(limits.max_pixels);
  limits.max_frames = s.count("max_frames", 1, 10'000'000).value_or(limits.max_frames);
  limits.max_segments = s.count("max_segments", 1, 10'000).value_or(limits.max_segments);
  limits.max_memory = s.bytes("max_memory", 1U << 20U, std::uint64_t{1} << 36U).value_or(limits.max_memory);
  const auto milliseconds = [](duration time) { return std::chrono::duration_cast<std::chrono::milliseconds>(time); };
  if (const auto time = s.time("max_duration", 10ms, 24h))
    limits.max_duration = milliseconds(*time);
  if (const auto time = s.time("max_time", 10ms, 1h))
    limits.max_time = milliseconds(*time);
  s.close();
}

std::string describe_clips(const pipeline_configuration& p) {
  std::string folders;
  for (const auto& folder : p.image_folders)
    folders += (folders.empty() ? "" : ", ") + yaml_text(folder.string());
  const auto& limits = p.clip_limits;
  return "    clips: {folders: [" + folders + "]" + describe_remote(p) + ", max_bytes: " + format_bytes(limits.max_bytes)
         + ", max_pixels: " + std::to_string(limits.max_pixels) + ", max_frames: " + std::to_string(limits.max_frames)
         + ", max_segments: " + std::to_string(limits.max_segments) + ", max_memory: "
         + format_bytes(limits.max_memory) + ", max_duration: " + format_duration(limits.max_duration)
         + ", max_time: " + format_duration(limits.max_time) + "}\n";
}

} // namespace chalkstream::pipelines
