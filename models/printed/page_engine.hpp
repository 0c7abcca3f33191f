// One Tesseract. It is one thread's at a time.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "core/reading.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace chalkstream::printed {

/// What a picture holds: a page whose parts are to be found, one block or column of lines, one line, or words
/// anywhere.
enum class page_layout : std::uint8_t { page, block, line, sparse };

struct engine_settings {
  /// Where <language>.traineddata lie.
  std::filesystem::path data;
  /// Tesseract's codes ("eng", "chi_sim"), the most likely one first.
  std::vector<std::string> languages{"eng"};
  page_layout layout = page_layout::page;
  /// For one picture; what is not read by then is left out.
  std::chrono::milliseconds max_time{30'000};
};

/// Of a picture to be read; Tesseract counts them in 16 bits.
inline constexpr std::size_t longest_side = 32'767;

class page_engine {
public:
  /// not_found if the engine does not take the data; blocks while it reads them.
  static result<page_engine> make(const engine_settings& settings);
  page_engine(page_engine&&) noexcept;
  page_engine& operator=(page_engine&&) noexcept;
  ~page_engine();

  /// Grey or RGB, up to longest_side each way. Lines in reading order, without those that hold nothing but white
  /// space; none of a picture without text. Blocks for at most about max_time; computes on the calling thread alone.
  result<page_reading> read(const picture& page);

private:
  struct tesseract; // page_engine.cpp
  explicit page_engine(std::unique_ptr<tesseract> made);

  std::unique_ptr<tesseract> engine_;
};

/// "5.3.0"
std::string engine_version();

} // namespace chalkstream::printed
