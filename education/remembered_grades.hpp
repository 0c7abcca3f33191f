// The newest grades of a topic, found again by what an override says of them. Bounded: the oldest is forgotten first.
#pragma once

#include "core/outcome.hpp"
#include "education/grade_override.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

namespace chalkstream::education {

/// What of a grade is needed beside what a person made of it.
struct remembered_grade {
  explicit remembered_grade(const outcome& grade);

  std::string id;
  std::string event;
  std::string learner;
  std::string pipeline;
  std::string course;
  std::string assignment;
  std::string item;
  std::optional<double> score;
  std::optional<double> max_score;
  std::string label;
  std::optional<double> confidence;
  decision verdict = decision::automatic;
};

/// Not thread-safe.
class remembered_grades {
public:
  explicit remembered_grades(std::size_t most) : most_(most) {}

  void add(const outcome& grade);

  /// By its own id where the override has that, else the newest of the learner's event or, where it names none, of
  /// the learner's assignment and item; null if it is not there. One that is found by its id belongs to the
  /// override's learner and, if it names one, event.
  std::shared_ptr<const remembered_grade> find(const grade_override& by) const;

  std::size_t size() const noexcept { return order_.size(); }

private:
  using kept = std::shared_ptr<const remembered_grade>;
  void forget_oldest();

  std::size_t most_;
  std::deque<kept> order_;
  /// Three keys of each grade; a key stands for the newest that has it.
  std::unordered_map<std::string, kept> found_by_;
};

} // namespace chalkstream::education
