#include "pipelines/image_source.hpp"

#include "education/digest.hpp"
#include "pipelines/file_uri.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace chalkstream::pipelines {

namespace {

rejection refused(reject_reason reason, std::string why) {
  return {reason, stage::prepare, std::move(why)};
}

bool lies_in(const std::filesystem::path& file, const std::filesystem::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first == folder.end();
}

struct descriptor {
  int value = -1;
  explicit descriptor(int open) : value(open) {}
  ~descriptor() {
    if (value >= 0)
      ::close(value);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
};

} // namespace

result<image_source> image_source::make(const std::vector<std::filesystem::path>& folders, std::size_t max_bytes,
                                        submitted_kind kind) {
  image_source made;
  made.max_bytes_ = max_bytes;
  made.kind_ = kind;
  for (const auto& folder : folders) {
    std::error_code failed;
    auto real = std::filesystem::canonical(folder, failed);
    if (failed || !std::filesystem::is_directory(real, failed))
      return error{errc::not_found, folder.string() + ": is not a folder"};
    made.folders_.push_back(std::move(real));
  }
  return made;
}

rejection image_source::unreachable(std::string_view why) const {
  return refused(kind_ == submitted_kind::image ? reject_reason::unreachable_image : reject_reason::unreachable_video,
                 noun() + ".uri " + std::string(why));
}

std::variant<std::string, rejection> image_source::read(submitted_image image) const {
  if (!image.uri.empty()) {
    const auto path = path_of_file_uri(image.uri);
    if (!path)
      return unreachable("must be file:// and an absolute path");
    // What is opened is what was resolved, and no link any more: who may change the folder cannot lead elsewhere between
    // the two, but by replacing a folder on the way, which who owns the folders would have to allow.
    std::error_code failed;
    const auto real = std::filesystem::canonical(*path, failed);
    const bool inside = !failed && std::any_of(folders_.begin(), folders_.end(),
                                               [&](const auto& folder) { return lies_in(real, folder); });
    if (!inside)
      return unreachable("names no file in a folder that it may lie in");
    const descriptor file{::open(real.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    struct stat about {};
    if (file.value < 0 || ::fstat(file.value, &about) != 0 || !S_ISREG(about.st_mode))
      return unreachable("cannot be read");
    if (static_cast<std::uintmax_t>(about.st_size) > max_bytes_)
      return refused(reject_reason::too_large,
                     "the " + noun() + " has more than " + std::to_string(max_bytes_) + " bytes");
    image.bytes.resize(static_cast<std::size_t>(about.st_size));
    std::size_t filled = 0;
    while (filled < image.bytes.size()) {
      const auto got = ::read(file.value, image.bytes.data() + filled, image.bytes.size() - filled);
      if (got <= 0)
        return unreachable("cannot be read");
      filled += static_cast<std::size_t>(got);
    }
  }
  if (image.bytes.size() > max_bytes_)
    return refused(reject_reason::too_large,
                   "the " + noun() + " has more than " + std::to_string(max_bytes_) + " bytes");
  if (!image.sha256.empty() && education::sha256_hex(image.bytes) != image.sha256)
    return refused(reject_reason::invalid_value, noun() + ".sha256 is not the SHA-256 of the " + noun());
  return std::move(image.bytes);
}

} // namespace chalkstream::pipelines
