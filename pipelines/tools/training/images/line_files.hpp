// A person's pictures of lines with the texts in them, in whatever form they lie:
//   a folder        with labels.tsv or labels.jsonl in it: the columns `file` (a name within the folder) and `text`
//   a zip archive   the same
//   such a list     by its own name; the files' names begin in its folder
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "pipelines/tools/training/images/picture_set.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::pipelines::tools {

/// Pictures as the net takes them (models/reading/line_reader.hpp).
struct line_set {
  std::vector<std::string> files;
  std::vector<picture> pictures;
  std::vector<std::string> texts;    // of each picture: UTF-8, not empty
  std::vector<labelled_file> places; // of each picture

  std::size_t size() const noexcept { return pictures.size(); }
  std::string place(std::size_t line) const { return files[places[line].file] + ": " + places[line].name; }
};

struct split_lines {
  line_set training;
  line_set validation;
};

/// All of them as one. Errors name the list and its line, or the picture: invalid_argument for columns that are
/// missing, a line without a file or a text, a name that leads out of the folder, a picture of several pages, one too
/// wide, or one with fewer steps than its text has characters; `corrupt` for bytes; out_of_memory beyond
/// most_picture_bytes.
result<line_set> read_line_pictures(std::span<const std::filesystem::path> files);

/// A share of the lines, one at least, drawn with the seed, goes to the validation part. invalid_argument for one
/// line alone.
result<split_lines> split_lines_by_share(line_set all, double share, std::uint64_t seed);

} // namespace chalkstream::pipelines::tools
