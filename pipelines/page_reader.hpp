// From the pages of a file to the text on them, by a model that reads: what it is asked for, and what its answer says.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "core/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines {

/// What a file's pages are to the model, until it has read them.
struct pages_to_read {
  struct page {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
  };
  std::vector<page> pages;
};

struct read_file {
  std::vector<recognised_page> pages;
  /// The pages' texts, an empty line between them; empty if there was none.
  std::string text;
  /// Of the least certain page with text; absent without text.
  std::optional<double> confidence;
  /// Why a person should look although it was read: "no text was found", "page 2 was not read to its end".
  std::vector<std::string> reasons;
};

/// The pages as the model takes them, one sequence each, added to `ask`. out_of_memory for a page that is too long or wide
/// for a reader.
result<pages_to_read> ask_to_read(std::vector<picture> pages, std::vector<sequence>& ask);

/// What the model read in those sequences. None if its output is not that of a reader.
std::optional<read_file> read_pages(const pages_to_read& asked, const output_rows& rows);

} // namespace chalkstream::pipelines
