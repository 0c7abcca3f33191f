// A month of a real university's submissions as a trace: the Open University Learning Analytics Dataset (Kuzilek,
// Hlosta, Zdrahal 2017, CC BY 4.0), read where it lies.
//
// Its days count from the beginning of each course; courses are laid over each other by day, and the thirty days with
// the most submissions are taken. Banked results of earlier courses are left out. Within a day the hour is drawn:
// little at night, most in the evening (`hour_weights`). Work that a tutor marks (TMA) has an essay's length, what a
// computer marks (CMA) and exams a short answer's. What is simulated is written feedback: 100 tokens a second and
// replica, within 15 minutes, by replicas that may all go.
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/scaling/arrival_trace.hpp"

#include <array>
#include <cstdint>
#include <filesystem>

namespace chalkstream::pipelines::tools {

/// Of the submissions of a day, from midnight on; not normalised.
inline constexpr std::array<double, 24> hour_weights{3, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5,  5,
                                                     5, 5, 5, 5, 5, 5, 6, 7, 8, 9, 10, 8};

/// `folder` has student_assessment.train.csv(.gz), or studentAssessment.csv as it is published, and assessment.csv or
/// assessments.csv. Every submission comes `scale` times, as if there were so many universities.
result<arrival_trace> read_oulad(const std::filesystem::path& folder, std::size_t scale, std::uint64_t seed);

} // namespace chalkstream::pipelines::tools
