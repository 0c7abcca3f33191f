// Passages of course material by what they mean. Each tenant's material of each course is an index of its own, so a
// search never looks at what its tenant may not see, and a filter costs nothing and hides nothing that is near.
#pragma once

#include "core/error.hpp"
#include "education/course_material.hpp"
#include "education/vector_index.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines {

struct passage_hit {
  /// An index into course_material::passages.
  std::size_t passage = 0;
  double similarity = 0;
};

/// Filled by one thread, then searched by any number.
class passage_index {
public:
  /// Without rows yet. `width`: of the encoder's vectors.
  static result<passage_index> make(std::shared_ptr<const education::course_material> material, std::size_t width,
                                    const education::vector_index_settings& settings = {});

  /// The vector of the next passage, of unit length.
  result<void> add(std::span<const float> row);

  /// The `count` passages that are most similar, best first, ties by their order: of the tenant's material and of
  /// what is everybody's; of the course and of what belongs to none, or of all courses if `course` is empty.
  /// Thread-safe.
  std::vector<passage_hit> nearest(std::span<const float> query, std::string_view tenant, std::string_view course,
                                   std::size_t count) const;

  const education::course_material& material() const noexcept { return *material_; }
  std::size_t width() const noexcept { return width_; }
  /// How many passages have their vector.
  std::size_t size() const noexcept { return filled_; }

  // What a cache keeps: the rows in the passages' order, then the graphs.
  std::span<const float> row(std::size_t passage) const;
  std::size_t graphs() const noexcept { return shelves_.size(); }
  std::vector<std::uint32_t> graph(std::size_t number) const { return shelves_[number].vectors.graph(); }
  /// Instead of add(): the row as it was; then link() for each graph.
  result<void> add_unlinked(std::span<const float> row);
  result<void> link(std::size_t number, std::span<const std::uint32_t> graph);

private:
  struct shelf {
    education::vector_index vectors;
    std::vector<std::size_t> passages; // by row
  };
  struct place {
    std::uint32_t shelf;
    std::uint32_t row;
  };
  using courses = std::map<std::string, std::size_t, std::less<>>;

  explicit passage_index(std::shared_ptr<const education::course_material> material, std::size_t width)
      : material_(std::move(material)), width_(width) {}
  void search(const courses& of, std::string_view course, std::span<const float> query, std::size_t count,
              std::vector<passage_hit>& hits) const;

  std::shared_ptr<const education::course_material> material_;
  std::size_t width_;
  std::vector<shelf> shelves_;
  std::map<std::string, courses, std::less<>> tenants_; // tenant, course: shelf
  std::vector<place> places_;                           // by passage
  std::size_t filled_ = 0;
};

} // namespace chalkstream::pipelines
