// Weights and pictures that goldens' scripts make again (make_net_training_goldens.py), so that no file of them is
// needed.
#pragma once

#include "core/model.hpp"
#include "models/vision/nets/net_description.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace chalkstream::models::testing {

/// A tensor of a checkpoint that is not learnt: its name there, and what it is filled as.
using remembered_tensor = std::pair<std::string, nets::net_tensor>;

/// A checkpoint as a run would have left it before its first step, by SGD with momentum or AdamW: each of these
/// filled in the order of their names. `copies` are filled as the tensors of the same name.
void write_start(const std::filesystem::path& file, std::vector<nets::net_tensor> tensors, bool momentum,
                 const std::vector<remembered_tensor>& copies = {});

/// "label 0", "label 1", …
std::vector<std::string> numbered(std::size_t count);

std::vector<picture> pictures_of_size(std::size_t width, std::size_t height, std::size_t channels, std::size_t count,
                                      std::uint64_t salt = 1000);

} // namespace chalkstream::models::testing
