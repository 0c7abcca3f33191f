// Nets that read a line of text: a compact CRNN (Shi et al. 2017), as its config.json describes it: `model_type`
// "line_crnn", `image_height` (32), `num_channels` (1), `hidden_sizes`, `state_size`, and `characters`, a list of
// texts of one code point each.
//
// A grey picture of that height and any width goes through 3×3 convolutions with batch norms, as wide as hidden_sizes
// says; max-pools behind them halve both sides twice and then the height alone, until one row is left: a step for
// every four columns. A bidirectional LSTM reads the steps, and a linear layer says how likely each is a character,
// or none (class 0): connectionist temporal classification (Graves et al. 2006).
#pragma once

#include "core/error.hpp"
#include "models/document.hpp"
#include "models/vision/nets/net_description.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::models::reading {

inline constexpr std::string_view reader_type = "line_crnn";
inline constexpr std::size_t line_height = 32;
inline constexpr std::size_t columns_a_step = 4;
/// Of a line that has been brought to line_height.
inline constexpr std::size_t widest_line = 4096;

struct line_description {
  /// One for each halving of the height: five.
  std::vector<std::size_t> hidden_sizes{16, 32, 64, 96, 96};
  /// Of the LSTM, for each direction.
  std::size_t state_size = 96;
  /// Class i + 1 is the i-th.
  std::vector<std::string> characters;

  std::size_t classes() const noexcept { return characters.size() + 1; }
};

/// Steps that a line of so many columns has.
constexpr std::size_t steps_of_line(std::size_t columns) noexcept {
  return columns / columns_a_step;
}

/// Errors name the file, the key and what it may be; `unsupported` for another model_type.
result<line_description> describe_line_reader(const settings& configuration);

/// invalid_argument if its sizes do not fit together, or are beyond all sense.
result<void> check_line_reader(const line_description& net);

/// config.json.
std::string configuration_of(const line_description& net);

/// Every tensor, in the order in which it is computed with. Of a net that check_line_reader() lets pass.
std::vector<nets::net_tensor> tensors_of(const line_description& net);

} // namespace chalkstream::models::reading
