// From the pages of a file to the text on them, by a model that reads: what it is asked for, and what its answer
// says.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "core/outcome.hpp"
#include "core/rejection.hpp"
#include "models/image/page_lines.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines {

/// A person looks at what was read less certainly than this, where nothing else is said.
inline constexpr double unsure_reading = 0.7;

/// Whether a reader is given whole pages, or the lines found on them one by one.
enum class page_split : std::uint8_t { whole, lines };

/// A model that reads, as a task needs to know it.
struct reading_model {
  /// Its place in the pipeline's list: work.model.
  std::size_t index = 0;
  std::shared_ptr<const model_identity> identity;
  page_split split = page_split::whole;
};

/// A file that cannot be made into pages, as a rejection.
rejection not_seen(const error& why);

/// What a file's pages are to the model, until it has read them.
struct pages_to_read {
  struct page {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    /// Where its lines are that the model is given one by one; absent: it is given the whole page.
    std::optional<image::page_lines> lines;
  };
  std::vector<page> pages;
};

struct file_reading {
  std::vector<recognised_page> pages;
  /// The pages' texts, an empty line between them; empty if there was none.
  std::string text;
  /// Of the least certain page with text; absent without text.
  std::optional<double> confidence;
  /// Why a person should look although it was read: "no text was found", "page 2 was not read to its end".
  std::vector<review_note> reasons;
};

/// What a model is given of a page or a line: here, the picture as it is.
result<sequence> picture_as_it_is(picture pixels);

/// The pages as the model takes them, added to `ask`: a sequence for each page or each of its lines; none, if no line
/// was found. out_of_memory for a page that is too long or wide for a reader; errors of `given` are its own. Computes
/// for as long as a page has pixels.
result<pages_to_read> ask_to_read(std::vector<picture> pages, page_split split, std::vector<sequence>& ask,
                                  const std::function<result<sequence>(picture)>& given = picture_as_it_is);

/// What the model read in those sequences, a reading of each. None if there are too few or too many.
std::optional<file_reading> read_pages(const pages_to_read& asked, std::span<const page_reading> readings);

} // namespace chalkstream::pipelines
