#include "education/remembered_grades.hpp"

#include <array>
#include <utility>

namespace chalkstream::education {

namespace {

// Ids hold no control characters, so none can be taken for another.
std::string id_key(const std::string& id) {
  return "\1" + id;
}
std::string event_key(const std::string& learner, const std::string& event) {
  return "\2" + learner + "\1" + event;
}
std::string work_key(const std::string& learner, const std::string& assignment, const std::string& item) {
  return "\3" + learner + "\1" + assignment + "\1" + item;
}

std::array<std::string, 3> keys_of(const remembered_grade& grade) {
  return {id_key(grade.id), event_key(grade.learner, grade.event),
          work_key(grade.learner, grade.assignment, grade.item)};
}

} // namespace

remembered_grade::remembered_grade(const outcome& grade)
    : id(grade.id), event(grade.event), learner(grade.learner), pipeline(grade.pipeline), course(grade.course),
      assignment(grade.assignment), item(grade.item), score(grade.score), max_score(grade.max_score),
      label(grade.label), confidence(grade.confidence), verdict(grade.verdict) {}

void remembered_grades::add(const outcome& grade) {
  auto newest = std::make_shared<const remembered_grade>(grade);
  for (auto& key : keys_of(*newest))
    found_by_.insert_or_assign(std::move(key), newest);
  order_.push_back(std::move(newest));
  if (order_.size() > most_)
    forget_oldest();
}

void remembered_grades::forget_oldest() {
  const auto oldest = std::move(order_.front());
  order_.pop_front();
  for (const auto& key : keys_of(*oldest))
    if (const auto at = found_by_.find(key); at != found_by_.end() && at->second == oldest)
      found_by_.erase(at);
}

std::shared_ptr<const remembered_grade> remembered_grades::find(const grade_override& by) const {
  const auto at = found_by_.find(!by.result.empty()  ? id_key(by.result)
                                 : !by.event.empty() ? event_key(by.learner, by.event)
                                                     : work_key(by.learner, by.assignment, by.item));
  if (at == found_by_.end() || at->second->learner != by.learner
      || (!by.event.empty() && at->second->event != by.event))
    return nullptr;
  return at->second;
}

} // namespace chalkstream::education
