// Clips to what they show, scene by scene: the class of each segment's key frame, by a model that sees images.
#pragma once

#include "education/event_decoder.hpp"
#include "models/video/clip.hpp"
#include "pipelines/image_source.hpp"
#include "pipelines/recognition.hpp"
#include "pipelines/text_task.hpp"

#include <memory>

namespace chalkstream::pipelines {

struct clip_recognition_settings {
  task_settings task;
  image_model model;
  image_source source;
  video::clip_limits limits;
  video::scene_settings scenes = {};
  /// A person looks where a segment is less certain.
  double review_below = 0.5;
};

/// Serves `video`. A record is an event as JSON, or a clip itself with the event in its headers
/// (education/image_record.hpp). Decodes in prepare, within `limits`, and keeps one picture of each segment, as the
/// model takes it; the model sees them a few at a time, so that other work gets its turn in between. One record
/// becomes a result for each segment, in order, and a summary of them all behind those (education/video_result.hpp).
class clip_recognition final : public task {
public:
  explicit clip_recognition(clip_recognition_settings settings);

  task_step prepare(const record& input) const override;
  bool prepares_long() const noexcept override { return true; }
  std::size_t waits_at_once() const noexcept override { return settings_.source.waits_at_once(); }
  task_step complete(const record& input, work done, const output_rows& rows, const timing& spent) const override;

private:
  struct clip_state;
  work look_at(std::shared_ptr<clip_state> state) const;
  reply conclude(const clip_state& state, const timing& spent) const;

  clip_recognition_settings settings_;
  education::event_decoder decoder_;
};

} // namespace chalkstream::pipelines
