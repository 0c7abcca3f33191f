#include "pipelines/tools/training/images/line_files.hpp"

#include "education/measures/bootstrap.hpp"
#include "models/image/decode.hpp"
#include "models/reading/line_reader.hpp"
#include "models/text/utf8.hpp"
#include "models/training/trainable_line_reader.hpp"
#include "pipelines/tools/training/data_file.hpp"
#include "pipelines/tools/training/data_table.hpp"
#include "pipelines/tools/training/images/zip_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>

namespace chalkstream::pipelines::tools {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_file_bytes = std::size_t{32} << 20;
constexpr std::size_t most_list_bytes = std::size_t{256} << 20;
constexpr std::array<const char*, 2> list_names{"labels.tsv", "labels.jsonl"};

using file_reader = std::function<result<std::string>(const std::string& name)>;

/// Neither away from the folder nor absolute.
bool stays_within(const std::string& name) {
  const fs::path path(name);
  return !name.empty() && name.find('\0') == std::string::npos && !path.is_absolute()
         && std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

/// What CTC asks of a text, whatever characters it is made of.
bool has_room(const picture& line, const std::string& text) {
  std::vector<std::int64_t> characters;
  for (const auto one : text::decoded(text))
    characters.push_back(one);
  return models::training::has_room(line.width, characters);
}

result<std::string> read_picture_file(const fs::path& file) {
  std::error_code failed;
  const auto size = fs::file_size(file, failed);
  if (failed || size > most_file_bytes)
    return error{errc::invalid_argument, file.string() + ": is not there, or larger than an image may be"};
  return read_bytes(file);
}

class line_picture_reader {
public:
  result<void> read(const fs::path& file) {
    made_.files.push_back(file.string());
    std::error_code none;
    if (fs::is_directory(file, none)) {
      for (const char* name : list_names)
        if (fs::exists(file / name, none))
          return read_list(file / name);
      return {errc::invalid_argument, file.string()
                                          + ": has no labels.tsv and no labels.jsonl, with the columns "
                                            "`file` and `text`"};
    }
    std::ifstream in(file, std::ios::binary);
    std::string start(4, '\0');
    in.read(start.data(), static_cast<std::streamsize>(start.size()));
    return looks_like_zip(start) ? read_zip(file) : read_list(file);
  }

  result<line_set> take() && {
    if (made_.pictures.empty())
      return error{errc::invalid_argument, made_.files.front() + ": has no lines"};
    return std::move(made_);
  }

private:
  result<void> read_list(const fs::path& list) {
    mistakes wrong;
    CHALK_TRY(const auto table, read_table(list, wrong));
    return add_all(table, wrong, [folder = list.parent_path()](const std::string& name) {
      return read_picture_file(folder / name);
    });
  }

  result<void> read_zip(const fs::path& file) {
    CHALK_TRY(const auto archive, zip_file::open(file));
    std::map<std::string_view, const zip_file::entry*> entries;
    for (const auto& entry : archive.entries())
      entries.emplace(entry.name, &entry);
    for (const char* name : list_names) {
      const auto list = entries.find(name);
      if (list == entries.end())
        continue;
      CHALK_TRY(const auto text, archive.read(*list->second, most_list_bytes));
      mistakes wrong;
      CHALK_TRY(const auto table, parse_table(file / name, text, wrong));
      return add_all(table, wrong, [&](const std::string& picture) -> result<std::string> {
        const auto found = entries.find(picture);
        if (found == entries.end())
          return error{errc::invalid_argument, file.string() + ": has no file '" + picture + "'"};
        return archive.read(*found->second, most_file_bytes);
      });
    }
    return {errc::invalid_argument,
            file.string() + ": has no labels.tsv and no labels.jsonl, with the columns `file` and `text`"};
  }

  result<void> add_all(const data_table& table, mistakes& wrong, const file_reader& read) {
    if (table.rows.empty()) // a list in tabs has no columns then
      return {};
    const auto file = table.find("file");
    const auto text = table.find("text");
    if (!file || !text)
      return {errc::invalid_argument,
              table.file + ": has no column `" + (file ? "text" : "file") + "`; it needs `file` and `text`"};
    for (const auto& row : table.rows) {
      const auto& name = row.at(*file);
      const auto& content = row.at(*text);
      const bool written = content.is == cell::kind::text || content.is == cell::kind::number;
      if (name.is != cell::kind::text || !stays_within(name.value))
        wrong.add(table.file, row.line, "`file` must name a picture within the folder");
      else if (!written || content.value.empty() || !text::is_valid_utf8(content.value))
        wrong.add(table.file, row.line, "`text` must be what stands in the picture, in UTF-8");
      else if (const auto added = add(name.value, content.value, read); !added)
        wrong.add(table.file, row.line, added.error().message);
      if (bytes_ > most_picture_bytes)
        return {errc::out_of_memory, table.file + ": all lines together have more than "
                                         + std::to_string(most_picture_bytes >> 20) + " MiB"};
    }
    return wrong.none() ? result<void>() : wrong.as_error();
  }

  result<void> add(const std::string& name, const std::string& text, const file_reader& read) {
    CHALK_TRY(const auto bytes, read(name));
    auto pages = image::decode(std::as_bytes(std::span(bytes)), {});
    if (!pages)
      return {pages.error().code, name + ": " + pages.error().message};
    if (pages->size() != 1)
      return {errc::invalid_argument, name + ": has " + std::to_string(pages->size()) + " pages; a line has one"};
    const auto line = models::reading::brought_to_line(pages->front());
    if (line == nullptr)
      return {errc::invalid_argument, name + ": is too wide for its height to be a line"};
    if (!has_room(*line, text))
      return {errc::invalid_argument, name + ": is " + std::to_string(line->width)
                                          + " wide at a height of 32, which is too narrow for its text"};
    bytes_ += line->values.size();
    made_.pictures.push_back(*line);
    made_.texts.push_back(text);
    made_.places.push_back({static_cast<std::uint32_t>(made_.files.size() - 1), name});
    return {};
  }

  line_set made_;
  std::size_t bytes_ = 0;
};

void move_line(line_set& from, std::size_t place, line_set& to) {
  to.pictures.push_back(std::move(from.pictures[place]));
  to.texts.push_back(std::move(from.texts[place]));
  to.places.push_back(std::move(from.places[place]));
}

} // namespace

result<line_set> read_line_pictures(std::span<const fs::path> files) {
  line_picture_reader reader;
  for (const auto& file : files)
    CHALK_CHECK(reader.read(file));
  return std::move(reader).take();
}

result<split_lines> split_lines_by_share(line_set all, double share, std::uint64_t seed) {
  if (all.size() < 2)
    return error{errc::invalid_argument, all.place(0) + ": is the only line, so none is left to validate with"};
  std::vector<std::uint32_t> order(all.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = static_cast<std::uint32_t>(i);
  education::measures::row_generator random{seed};
  random.shuffle(std::span{order});
  const auto wanted = static_cast<std::size_t>(std::llround(share * static_cast<double>(all.size())));
  std::vector<bool> chosen(all.size(), false);
  for (std::size_t i = 0; i < std::clamp<std::size_t>(wanted, 1, all.size() - 1); ++i)
    chosen[order[i]] = true;
  split_lines parts;
  parts.training.files = parts.validation.files = all.files;
  for (std::size_t i = 0; i < all.size(); ++i)
    move_line(all, i, chosen[i] ? parts.validation : parts.training);
  return parts;
}

} // namespace chalkstream::pipelines::tools
