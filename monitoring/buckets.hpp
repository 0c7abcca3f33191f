// Bucket bounds of the histograms, in base units.
#pragma once

#include <array>

namespace chalkstream::monitoring {

/// Seconds, from a tokenised sentence to a queue that a night's backlog fills.
inline constexpr std::array duration_buckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                             0.25,   0.5,   1.0,    2.5,   5.0,  10.0,  30.0, 60.0};

/// Seconds until the deadline when a slot takes the record; negative is too late.
inline constexpr std::array slack_buckets{-300.0, -60.0, -10.0, -5.0, -1.0, -0.5, -0.1, 0.0,  0.1,
                                          0.5,    1.0,   2.0,   5.0,  10.0, 30.0, 60.0, 300.0};

inline constexpr std::array batch_record_buckets{1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0};
inline constexpr std::array batch_token_buckets{16.0,   32.0,   64.0,   128.0,  256.0,  512.0,
                                                1024.0, 2048.0, 4096.0, 8192.0, 16384.0};

/// Tokens over the token budget; one record longer than the budget runs alone and lies beyond 1.
inline constexpr std::array fill_buckets{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0};

/// A score over the highest possible; what got nothing at all lies in the first.
inline constexpr std::array score_buckets{0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0};
inline constexpr std::array confidence_buckets{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0};

/// Seconds to read and warm up a model.
inline constexpr std::array load_buckets{0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0};

} // namespace chalkstream::monitoring
