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
                                        submitted_kind kind, std::shared_ptr<const remote::remote_files> elsewhere) {
  image_source made;
  made.elsewhere_ = std::move(elsewhere);
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

rejection image_source::too_large() const {
  return refused(reject_reason::too_large,
                 "the " + noun() + " has more than " + std::to_string(max_bytes_) + " bytes");
}

std::variant<std::string, rejection> image_source::read_file(std::string_view path) const {
  // What is opened is what was resolved, and no link any more: who may change the folder cannot lead elsewhere between
  // the two, but by replacing a folder on the way, which who owns the folders would have to allow.
  std::error_code failed;
  const auto real = std::filesystem::canonical(path, failed);
  const bool inside = !failed && std::any_of(folders_.begin(), folders_.end(),
                                             [&](const auto& folder) { return lies_in(real, folder); });
  if (!inside)
    return unreachable("names no file in a folder that it may lie in");
  const descriptor file{::open(real.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  struct stat about {};
  if (file.value < 0 || ::fstat(file.value, &about) != 0 || !S_ISREG(about.st_mode))
    return unreachable("cannot be read");
  if (static_cast<std::uintmax_t>(about.st_size) > max_bytes_)
    return too_large();
  std::string bytes(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto got = ::read(file.value, bytes.data() + filled, bytes.size() - filled);
    if (got <= 0)
      return unreachable("cannot be read");
    filled += static_cast<std::size_t>(got);
  }
  return bytes;
}

std::variant<std::string, rejection> image_source::fetch(std::string_view uri) const {
  auto bytes = elsewhere_->fetch(uri, max_bytes_);
  if (bytes)
    return std::move(*bytes);
  switch (bytes.error().code) {
  case errc::out_of_memory: return too_large();
  case errc::unavailable:
  case errc::cancelled: // nobody will see it: what is left then is read again by whoever comes next
    return refused(reject_reason::source_unavailable, noun() + ".uri " + bytes.error().message);
  default: return unreachable(bytes.error().message);
  }
}

std::variant<std::string, rejection> image_source::read(submitted_image image) const {
  if (!image.uri.empty()) {
    const auto path = path_of_file_uri(image.uri);
    if (!path && !elsewhere_)
      return unreachable("must be file:// and an absolute path");
    auto bytes = path ? read_file(*path) : fetch(image.uri);
    if (std::holds_alternative<rejection>(bytes))
      return bytes;
    image.bytes = std::move(std::get<std::string>(bytes));
  }
  if (image.bytes.size() > max_bytes_)
    return too_large();
  if (!image.sha256.empty() && education::sha256_hex(image.bytes) != image.sha256)
    return refused(reject_reason::invalid_value, noun() + ".sha256 is not the SHA-256 of the " + noun());
  return std::move(image.bytes);
}

} // namespace chalkstream::pipelines
