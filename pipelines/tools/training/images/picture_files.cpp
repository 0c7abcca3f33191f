#include "pipelines/tools/training/images/picture_files.hpp"

#include "models/image/decode.hpp"
#include "models/image/picture_channels.hpp"
#include "models/image/resample.hpp"
#include "models/text/utf8.hpp"
#include "pipelines/tools/training/data_file.hpp"
#include "pipelines/tools/training/images/cifar_file.hpp"
#include "pipelines/tools/training/images/idx_file.hpp"
#include "pipelines/tools/training/images/zip_file.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <tuple>

namespace chalkstream::pipelines::tools {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_file_bytes = std::size_t{32} << 20;
constexpr std::size_t most_labels = 10'000;
constexpr std::array<std::string_view, 7> endings{".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"};

bool is_image_name(const fs::path& name) {
  auto ending = name.extension().string();
  for (auto& c : ending)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

/// The folder it lies in, or what stands before the last hyphen of its name; empty: neither.
std::string label_in(const std::string& name) {
  const fs::path path(name);
  if (path.has_parent_path())
    return path.parent_path().filename().string();
  const auto stem = path.stem().string();
  const auto hyphen = stem.rfind('-');
  return hyphen == std::string::npos ? "" : stem.substr(0, hyphen);
}

/// Whole numbers by size, then others.
bool stands_before(const std::string& a, const std::string& b) {
  const auto key = [](const std::string& label) {
    const bool number = label.find_first_not_of("0123456789") == std::string::npos;
    return std::tuple(!number, number ? label.size() : 0, std::string_view(label));
  };
  return key(a) < key(b);
}

class picture_reader {
public:
  explicit picture_reader(const picture_form& form) : form_(form) {}

  result<void> read(const fs::path& file) {
    made_.files.push_back(file.string());
    std::error_code none;
    if (fs::is_directory(file, none))
      return read_folder(file);
    std::ifstream in(file, std::ios::binary);
    std::string start(4, '\0');
    in.read(start.data(), static_cast<std::streamsize>(start.size()));
    if (!in)
      return {errc::invalid_argument, file.string() + ": cannot be opened, or is empty"};
    if (looks_like_zip(start))
      return read_zip(file);
    if (looks_like_idx(start))
      return read_mnist(file);
    if (file.extension() == ".bin")
      return read_cifar_file(file);
    return {errc::invalid_argument,
            file.string()
                + ": is no folder with a folder for each label, no zip archive, no IDX file and "
                  "no CIFAR-10 file (.bin)"};
  }

  result<picture_set> take() && {
    if (made_.pictures.empty())
      return error{errc::invalid_argument, made_.files.front() + ": has no pictures"};
    for (const auto& label : labels_)
      made_.labels.push_back(label.first);
    std::sort(made_.labels.begin(), made_.labels.end(), stands_before);
    if (made_.labels.size() < 2 || made_.labels.size() > most_labels)
      return error{errc::invalid_argument, made_.files.front() + ": has " + std::to_string(made_.labels.size())
                                               + " labels; there must be 2 to " + std::to_string(most_labels)};
    std::vector<std::uint32_t> places(labels_.size());
    for (std::size_t i = 0; i < made_.labels.size(); ++i)
      places[labels_.at(made_.labels[i])] = static_cast<std::uint32_t>(i);
    for (auto& goal : made_.goals)
      goal = places[goal];
    CHALK_CHECK(bring_into_one_form());
    return std::move(made_);
  }

private:
  result<void> add(picture read, const std::string& label, std::string name) {
    auto image = formed(std::move(read));
    bytes_ += image.values.size();
    if (bytes_ > most_picture_bytes)
      return {errc::out_of_memory, made_.files.back() + ": all pictures together have more than "
                                       + std::to_string(most_picture_bytes >> 20) + " MiB"};
    const auto [found, fresh] = labels_.try_emplace(label, static_cast<std::uint32_t>(labels_.size()));
    made_.goals.push_back(found->second);
    made_.pictures.push_back(std::move(image));
    made_.places.push_back({static_cast<std::uint32_t>(made_.files.size() - 1), std::move(name)});
    return {};
  }

  result<void> add_decoded(std::string_view bytes, const std::string& label, const std::string& name) {
    const auto bad = [&](const error& why) {
      return error{why.code, made_.files.back() + ": " + name + ": " + why.message};
    };
    if (label.empty())
      return bad({errc::invalid_argument,
                  "its name does not tell its label; it must be <label>-<anything>, or lie in a "
                  "folder named by it"});
    if (!text::is_valid_utf8(label))
      return bad({errc::corrupt, "its label is not UTF-8"});
    auto pages = image::decode(std::as_bytes(std::span(bytes)), {});
    if (!pages)
      return bad(pages.error());
    if (pages->size() != 1)
      return bad({errc::invalid_argument, "has " + std::to_string(pages->size()) + " pages; a picture has one"});
    return add(std::move(pages->front()), label, name);
  }

  result<void> read_folder(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code failed, none; // a link to nowhere is no file
    for (fs::recursive_directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed))
      if (at->is_regular_file(none) && at.depth() > 0 && is_image_name(at->path()))
        found.push_back(at->path().lexically_relative(folder));
    if (failed)
      return {errc::io, folder.string() + ": cannot be read: " + failed.message()};
    std::sort(found.begin(), found.end());
    for (const auto& name : found) {
      if (fs::file_size(folder / name, failed) > most_file_bytes || failed)
        return {errc::invalid_argument, (folder / name).string() + ": is larger than an image may be, or gone"};
      CHALK_TRY(const auto bytes, read_bytes(folder / name));
      CHALK_CHECK(add_decoded(bytes, name.begin()->string(), name.string()));
    }
    return {};
  }

  result<void> read_zip(const fs::path& file) {
    CHALK_TRY(const auto archive, zip_file::open(file));
    for (const auto& entry : archive.entries()) {
      if (entry.is_folder() || !is_image_name(entry.name) || entry.name.starts_with("__MACOSX/"))
        continue;
      CHALK_TRY(const auto bytes, archive.read(entry, most_file_bytes));
      CHALK_CHECK(add_decoded(bytes, label_in(entry.name), entry.name));
    }
    return {};
  }

  result<void> read_mnist(const fs::path& images) {
    CHALK_TRY(const auto labels, idx_labels_of(images));
    CHALK_TRY(auto read, read_idx(images, labels));
    for (std::size_t i = 0; i < read.pictures.size(); ++i)
      CHALK_CHECK(add(std::move(read.pictures[i]), std::to_string(read.labels[i]), std::to_string(i)));
    return {};
  }

  result<void> read_cifar_file(const fs::path& file) {
    CHALK_TRY(auto read, read_cifar(file));
    for (std::size_t i = 0; i < read.pictures.size(); ++i)
      CHALK_CHECK(add(std::move(read.pictures[i]), read.names[read.labels[i]], std::to_string(i)));
    return {};
  }

  /// Grey before its size changes, as image processors have it; where nothing says how many channels there will be,
  /// a grey picture becomes the same either way.
  picture formed(picture image) const {
    image = image::with_channels(std::move(image), form_.channels > 0      ? form_.channels
                                                   : image::is_grey(image) ? 1
                                                                           : 3);
    const image::picture_size size{form_.width, form_.height};
    if (form_.height == 0 || (image.width == size.width && image.height == size.height))
      return image;
    return image::resample(image, size, image::filter::bilinear);
  }

  result<void> bring_into_one_form() {
    auto& all = made_.pictures;
    const auto& first = all.front();
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i].height != first.height || all[i].width != first.width)
        return {errc::invalid_argument, made_.place(i) + ": is " + std::to_string(all[i].height) + " by "
                                            + std::to_string(all[i].width) + ", and the first one "
                                            + std::to_string(first.height) + " by " + std::to_string(first.width)
                                            + ": say by --image-size what all are brought to"};
    const bool grey = std::all_of(all.begin(), all.end(), [](const picture& image) { return image.channels == 1; });
    for (auto& image : all)
      image = image::with_channels(std::move(image), grey ? 1 : 3);
    return {};
  }

  const picture_form& form_;
  picture_set made_; // with goals in the order of first sight
  std::map<std::string, std::uint32_t> labels_;
  std::size_t bytes_ = 0;
};

} // namespace

result<picture_set> read_pictures(std::span<const fs::path> files, const picture_form& form) {
  picture_reader reader(form);
  for (const auto& file : files)
    CHALK_CHECK(reader.read(file));
  return std::move(reader).take();
}

result<void> take_labels(picture_set& set, const std::vector<std::string>& labels) {
  std::vector<std::uint32_t> places;
  for (const auto& label : set.labels) {
    const auto found = std::find(labels.begin(), labels.end(), label);
    if (found == labels.end())
      return {errc::invalid_argument,
              set.files.front() + ": has the label '" + label + "', which no picture to learn from has"};
    places.push_back(static_cast<std::uint32_t>(found - labels.begin()));
  }
  for (auto& goal : set.goals)
    goal = places[goal];
  set.labels = labels;
  return {};
}

} // namespace chalkstream::pipelines::tools
