// What questions are answered from: course material, one JSON object a line,
//   {"id","text","title"?,"tenant"?,"course"?,"source"?,"lang"?}
// in passages of whole sentences that are short enough to be found and read one by one.
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::education {

struct material {
  std::string id;
  std::string title;
  /// Where a person finds the whole of it: an address, a book's page.
  std::string source;
  /// Whose it is; empty: everybody's.
  std::string tenant;
  /// Empty: of every course.
  std::string course;
};

struct passage {
  /// An index into course_material::materials.
  std::size_t of = 0;
  /// Its place in the material, from 1.
  std::size_t number = 1;
  /// Code points [start, end) of the material's text.
  std::size_t start = 0;
  std::size_t end = 0;
  std::string text;
};

struct course_material {
  std::vector<material> materials;
  /// Those of one material follow each other.
  std::vector<passage> passages;

  const material& of(const passage& p) const { return materials[p.of]; }
  /// "biology/photosynthesis#2"
  std::string id(const passage& p) const;
};

inline constexpr std::size_t max_passages = 4'000'000;
inline constexpr std::size_t default_passage_length = 800;

/// Parses a whole file. A passage takes as many sentences as `length` code points hold; a longer sentence is split at
/// white space. An error names `file`, the line and what is wrong with it: bad JSON, a missing id or text, a text
/// without a word, a name over 512 bytes, an id that appears twice, no material at all, or more than max_passages.
result<course_material> parse_course_material(std::string_view content, std::string_view file,
                                              std::size_t length = default_passage_length);

} // namespace chalkstream::education
