// A file of course material becomes the index that questions are held against, out of the cache where that has it.
#pragma once

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/observer.hpp"
#include "pipelines/embedded_texts.hpp"
#include "pipelines/passage_index.hpp"
#include "pipelines/text_task.hpp"

#include <filesystem>
#include <memory>
#include <string_view>

namespace chalkstream::pipelines {

struct material_source {
  /// What the file holds, and its name for errors.
  std::string_view content;
  std::string_view file;
  std::size_t passage_length = education::default_passage_length;
  /// Where vectors are kept; empty: nowhere.
  std::filesystem::path cache;
};

/// Reads the material and embeds its passages, unless the cache has their vectors. A cache that belongs to something
/// else, or is broken, is made anew, and the log says why; one that cannot be written costs the next start its time
/// and no more. Blocks; `progress` hears how far it is, as step "passages".
result<std::shared_ptr<const passage_index>> index_material(const task_model& encoder, const material_source& from,
                                                            const embed_function& embed,
                                                            observer& progress = observer::none(),
                                                            log& journal = log::none());

} // namespace chalkstream::pipelines
