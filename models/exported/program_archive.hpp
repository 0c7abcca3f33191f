// Which kind of program a file holds, by the names inside it; nothing in it is read or run.
#pragma once

#include "core/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace chalkstream::models {

enum class archive_kind : std::uint8_t { torchscript, compiled };

struct program_archive {
  archive_kind kind = archive_kind::torchscript;
  /// compiled: the name of the model in the package.
  std::string model;
};

/// `unsupported` says what else the file is and how to export what can be run: a program of torch.export that was not
/// compiled (only Python runs it), pickled weights, a package of several models. Throws whatever LibTorch throws
/// where the file is no archive of its kind.
result<program_archive> open_program_archive(const std::filesystem::path& file);

} // namespace chalkstream::models
