#include "pipelines/clip_recognition.hpp"

#include "education/video_result.hpp"
#include "pipelines/probabilities.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace chalkstream::pipelines {

namespace {

/// What a step of the model sees: enough to fill a core, little enough to wait for.
constexpr std::size_t frames_at_once = 16;

rejection not_watched(const error& why) {
  const auto reason =
      why.code == errc::out_of_memory ? reject_reason::video_too_large : reject_reason::unreadable_video;
  return {reason, stage::prepare, why.message};
}

education::video_findings findings_of(const video::clip& clip) {
  education::video_findings made{clip.duration, clip.width, clip.height, clip.frames, {}};
  for (const auto& one : clip.segments)
    made.segments.push_back({.start = one.start, .end = one.end, .key_frame = one.key_frame});
  return made;
}

} // namespace

struct clip_recognition::clip_state final : task_state {
  outcome about;
  education::video_findings found;
  /// The key frames, as the model takes them.
  std::vector<std::shared_ptr<const picture>> frames;
  /// Of them, those that were looked at.
  std::size_t seen = 0;
  std::optional<priority> urgency;
  std::optional<wall_time> deadline;
};

clip_recognition::clip_recognition(clip_recognition_settings settings)
    : settings_(std::move(settings)), decoder_(settings_.task.pseudonyms, education::only({event_type::video}),
                                               {.max_bytes = settings_.task.max_bytes}) {}

task_step clip_recognition::prepare(const record& input) const {
  auto decoded = decoder_.decode(input);
  if (auto* refused = std::get_if<rejection>(&decoded))
    return std::move(*refused);
  auto& from = std::get<event>(decoded);
  auto file = settings_.source.read(std::move(*from.video));
  if (auto* refused = std::get_if<rejection>(&file))
    return std::move(*refused);

  auto state = std::make_shared<clip_state>();
  const auto clip = video::read_clip(std::as_bytes(std::span(std::get<std::string>(file))), settings_.limits,
                                     settings_.scenes, [&](const picture& key) -> result<void> {
                                       CHALK_TRY(auto frame, settings_.model.pictures->prepare(key));
                                       state->frames.push_back(std::make_shared<const picture>(std::move(frame)));
                                       return {};
                                     });
  if (!clip)
    return not_watched(clip.error());
  state->about = outline(settings_.task, input, from);
  state->about.model = settings_.model.identity;
  state->found = findings_of(*clip);
  state->urgency = from.urgency;
  state->deadline = from.deadline;
  return look_at(std::move(state));
}

work clip_recognition::look_at(std::shared_ptr<clip_state> state) const {
  work next;
  next.model = settings_.model.index;
  const auto end = std::min(state->seen + frames_at_once, state->frames.size());
  for (auto i = state->seen; i < end; ++i) {
    sequence one;
    one.image = state->frames[i];
    one.image_tokens = settings_.model.tokens;
    next.sequences.push_back(std::move(one));
  }
  next.urgency = state->urgency;
  next.deadline = state->deadline;
  next.state = std::move(state);
  return next;
}

task_step clip_recognition::complete(const record&, work done, const output_rows& rows, const timing& spent) const {
  if (rows.size() != done.sequences.size() || rows.width != settings_.model.labels.size())
    return unusable_output();
  auto state =
      std::make_shared<clip_state>(static_cast<const clip_state&>(*done.state)); // the step may be tried again
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto probabilities = probabilities_of(rows.row(i));
    if (probabilities.empty())
      return unusable_output();
    const auto best = likeliest(probabilities);
    auto& segment = state->found.segments[state->seen++];
    segment.label = settings_.model.labels[best];
    segment.confidence = probabilities[best];
  }
  if (state->seen < state->frames.size())
    return look_at(std::move(state));
  return conclude(*state, spent);
}

reply clip_recognition::conclude(const clip_state& state, const timing& spent) const {
  auto about = state.about;
  about.timing = spent;
  about.completed_at = settings_.task.time->wall_now();
  const auto judged = [&](double confidence) {
    auto what = about;
    what.confidence = confidence;
    if (confidence < settings_.review_below)
      what.reasons.push_back(not_sure_enough(confidence, settings_.review_below));
    what.verdict = what.reasons.empty() ? decision::automatic : decision::review;
    return what;
  };
  reply out;
  double least = 1;
  for (std::size_t i = 0; i < state.found.segments.size(); ++i) {
    const auto confidence = state.found.segments[i].confidence;
    least = std::min(least, confidence);
    out.earlier.push_back(education::encode_segment(judged(confidence), state.found, i));
  }
  const auto summary = judged(least);
  auto encoded = education::encode_video(summary, state.found);
  out.value = std::move(encoded.value);
  out.headers = std::move(encoded.headers);
  out.review = summary.verdict == decision::review;
  out.tally = tally_of(settings_.task, summary);
  out.key = summary.learner;
  return out;
}

} // namespace chalkstream::pipelines
