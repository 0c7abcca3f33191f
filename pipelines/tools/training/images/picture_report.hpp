// What a person should see of a net's predictions: figures, confusions, and the pictures it is most wrong about.
#pragma once

#include "education/measures/label_measures.hpp"
#include "pipelines/tools/training/images/picture_set.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace chalkstream::pipelines::tools {

/// A row of logits each; their likeliest label, and how likely.
education::measures::labelled_rows labelled(const picture_set& set, const std::vector<std::vector<float>>& logits);

/// One HTML page, complete in itself: `eval`'s, and of the mistakes the sixty in which the wrong label was furthest
/// above the right one, as pictures with their places in the data.
std::string picture_report(const picture_set& set, const std::vector<std::vector<float>>& logits,
                           const std::filesystem::path& model);

} // namespace chalkstream::pipelines::tools
