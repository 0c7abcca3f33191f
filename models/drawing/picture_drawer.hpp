// A directory that `train gan` wrote, which draws pictures of its labels.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/drawing/drawing_description.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace chalkstream::models::drawing {

struct drawing_settings {
  std::uint64_t seed = 0;
  /// Of what pictures are drawn from: below 1 they are more usual and less varied.
  double spread = 1;
  /// Each is the one that seems most real of so many.
  std::size_t best_of = 1;
};

class picture_drawer {
public:
  /// Of config.json and model.safetensors, on "cpu", "cuda" or "cuda:1"; on a CPU with one thread. Errors name what
  /// is wrong with the directory.
  static result<std::unique_ptr<picture_drawer>> open(const std::filesystem::path& directory,
                                                      const std::string& device);
  ~picture_drawer();

  const drawing_description& description() const noexcept;

  /// The number-th picture of a label, by its place in the description. It follows from these and the settings alone.
  /// Blocks; does not throw.
  result<picture> draw(std::size_t label, std::size_t number, const drawing_settings& settings) const;

private:
  struct parts;
  explicit picture_drawer(std::unique_ptr<parts> made);

  std::unique_ptr<parts> parts_;
};

} // namespace chalkstream::models::drawing
