// What the tests of the tasks share: a tokenizer of a few words in a folder of its own, a clock that stands still, a
// key, and an encoder whose vectors are counts of words.
#pragma once

#include "education/pseudonym.hpp"
#include "pipelines/text_task.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace chalkstream::pipelines {

class still_clock final : public clock {
public:
  time_point now() const noexcept override { return time_point{std::chrono::seconds{5}}; }
  wall_time wall_now() const noexcept override { return wall_time{std::chrono::milliseconds{1'764'000'000'007}}; }
};

class task_fixture : public testing::Test {
protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();

  static task_settings settings();
  static task_model encoder(std::size_t max_tokens = 64);
  static std::string pseudonym(std::string_view tenant, std::string_view learner);

  /// The record owns a copy of the value.
  static record record_of(std::string value, std::int64_t offset = 7);

  /// Texts with the same words get the same vector, texts with none in common orthogonal ones.
  static output_rows embed(const std::vector<sequence>& sequences);

  /// One event: {"id":"s-1","tenant":"t","learner":"learner-007", …, extra}.
  static std::string event_json(std::string_view type, std::string_view text, std::string_view extra = "");

private:
  static std::shared_ptr<const text::tokenizer> tokenizer_;
  static std::string folder_;
};

/// The step as the alternative it should be; a failure and a default one otherwise.
template <class T>
T expect_step(task_step step) {
  if (auto* wanted = std::get_if<T>(&step))
    return std::move(*wanted);
  if (auto* refused = std::get_if<rejection>(&step))
    ADD_FAILURE() << "rejected: " << to_string(refused->reason) << ": " << refused->detail;
  else if (auto* answered = std::get_if<reply>(&step))
    ADD_FAILURE() << "answered: " << answered->value;
  else
    ADD_FAILURE() << "asks for a model";
  return {};
}

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace chalkstream::pipelines
