#include "pipelines/recommendation.hpp"

#include "education/nearest.hpp"
#include "education/result_decoder.hpp"

#include <algorithm>

namespace chalkstream::pipelines {

namespace {

struct recommendation_state final : task_state {
  explicit recommendation_state(outcome what) : result(std::move(what)) {}
  outcome result;
};

/// Why there is nothing to look for; empty if there is.
std::string nothing_to_recommend(const outcome& grade, double enough) {
  if (!grade.score)
    return "the grade has no score yet";
  if (grade.missed.empty())
    return "nothing was missed";
  const auto maximum = grade.max_score.value_or(1);
  if (maximum > 0 && *grade.score >= enough * maximum)
    return "the score is high enough";
  return {};
}

} // namespace

result<std::shared_ptr<const recommendation>> recommendation::make(recommendation_settings settings,
                                                                   std::string_view catalogue, std::string_view file,
                                                                   const embed_function& embed, observer& progress) {
  CHALK_TRY(auto resources, education::parse_catalogue(catalogue, file));
  std::shared_ptr<recommendation> made{new recommendation{std::move(settings), std::move(resources)}};
  CHALK_CHECK(made->embed_catalogue(embed, progress));
  return std::shared_ptr<const recommendation>{std::move(made)};
}

result<void> recommendation::embed_catalogue(const embed_function& embed, observer& progress) {
  const known_texts texts{.count = resources_.size(),
                          .text = [this](std::size_t i) { return resources_[i].title + ". " + resources_[i].text; },
                          .name = [this](std::size_t i) { return "the resource \"" + resources_[i].id + "\""; }};
  const auto keep = [this](std::span<const float> row) {
    matrix_.insert(matrix_.end(), row.begin(), row.end());
    return result<void>{};
  };
  auto done = embed_texts(settings_.encoder, texts, embed, keep,
                          [&progress](double share) { progress.progress("catalogue", share); });
  return done ? result<void>{} : done.error();
}

task_step recommendation::prepare(const record& input) const {
  const auto start = settings_.task.time->now();
  auto decoded = education::decode_grade(input.value, settings_.task.max_bytes);
  if (auto* refused = std::get_if<rejection>(&decoded))
    return std::move(*refused);
  auto what = std::get<outcome>(std::move(decoded));
  const auto why_not = nothing_to_recommend(what, settings_.enough);
  what.id = education::result_id(settings_.task.source_topic, input.partition, input.offset, settings_.task.pipeline);
  what.pipeline = settings_.task.pipeline;
  what.model = settings_.encoder.identity;
  if (what.verdict == decision::review)
    what.reasons.emplace_back(review_reason::upstream, "the grade awaits review");
  what.verdict = decision::automatic; // suggestions decide nothing about a learner
  if (!why_not.empty()) {
    what.feedback = "There is nothing to recommend: " + why_not + ".";
    return finish(settings_.task, education::result_kind::recommendation, std::move(what),
                  prepared_since(settings_.task, start));
  }
  work next;
  next.model = settings_.encoder.index;
  for (std::size_t i = 0; i < std::min(settings_.points, what.missed.size()); ++i) {
    auto piece = cut(settings_.encoder, what.missed[i]);
    if (!piece)
      return unprepared(piece.error());
    next.sequences.push_back(std::move(piece->tokens));
  }
  next.state = std::make_shared<recommendation_state>(std::move(what));
  return next;
}

task_step recommendation::complete(const record&, work done, const output_rows& rows, const timing& spent) const {
  auto what = static_cast<const recommendation_state&>(*done.state).result;
  if (rows.size() != done.sequences.size() || rows.width * resources_.size() != matrix_.size())
    return unusable_output();
  for (std::size_t point = 0; point < rows.size(); ++point) {
    const auto query = unit_vector(rows.row(point));
    if (query.empty())
      return unusable_output();
    for (const auto& [row, similarity] : education::nearest(matrix_, query, settings_.per_point)) {
      if (similarity < settings_.least_similarity)
        continue;
      const auto& found = resources_[row];
      const auto known = std::find_if(what.suggestions.begin(), what.suggestions.end(),
                                      [&](const suggestion& s) { return s.resource == found.id; });
      if (known == what.suggestions.end())
        what.suggestions.push_back({found.id, found.title, found.url, similarity, what.missed[point]});
      else if (similarity > known->similarity)
        known->similarity = similarity, known->addresses = what.missed[point];
    }
  }
  std::stable_sort(what.suggestions.begin(), what.suggestions.end(),
                   [](const suggestion& a, const suggestion& b) { return a.similarity > b.similarity; });
  if (what.suggestions.size() > settings_.resources)
    what.suggestions.resize(settings_.resources);
  what.feedback = what.suggestions.empty() ? "No resource of the catalogue is close to what was missed."
                                           : "These resources address what the answer missed.";
  return finish(settings_.task, education::result_kind::recommendation, std::move(what), spent);
}

} // namespace chalkstream::pipelines
