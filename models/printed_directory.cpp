#include "models/printed_directory.hpp"

#include "models/device.hpp"
#include "models/loading.hpp"
#include "models/printed/printed_model.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace chalkstream::models {

namespace {

constexpr std::string_view model_type = "tesseract";
constexpr std::array<std::string_view, 5> keys{"model_type", "languages", "layout", "max_seconds", "data"};
constexpr std::array<std::string_view, 4> layouts{"page", "block", "line", "sparse"};
constexpr std::size_t most_languages = 8;

std::filesystem::path data_file(const std::filesystem::path& folder, const std::string& language) {
  return folder / (language + ".traineddata");
}

bool has_data(const std::filesystem::path& folder, const std::string& language) {
  std::error_code none;
  return std::filesystem::is_regular_file(data_file(folder, language), none);
}

std::vector<std::filesystem::path> data_folders(const std::filesystem::path& directory, const std::string& told) {
  if (!told.empty())
    return {directory / told};
  std::vector<std::filesystem::path> folders{directory};
  if (const char* prefix = std::getenv("TESSDATA_PREFIX"); prefix != nullptr && *prefix != '\0')
    folders.emplace_back(prefix);
  for (const char* usual :
       {"/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tessdata", "/usr/local/share/tessdata"})
    folders.emplace_back(usual);
  return folders;
}

std::string languages_in(const std::vector<std::filesystem::path>& folders) {
  std::vector<std::string> found;
  for (const auto& folder : folders) {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder, none))
      if (entry.path().extension() == ".traineddata")
        found.push_back(entry.path().stem().string());
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::string all;
  for (const auto& each : found)
    all += (all.empty() ? "" : ", ") + each;
  return all.empty() ? "none" : all;
}

std::string package_of(std::string language) {
  std::replace(language.begin(), language.end(), '_', '-');
  std::transform(language.begin(), language.end(), language.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return "tesseract-ocr-" + language;
}

// As Tesseract names them; a name becomes part of a path, and a '+' would be two.
bool is_language(std::string_view name) {
  return !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

result<std::vector<std::string>> read_languages(const settings& s) {
  const auto* given = s.find("languages");
  if (given == nullptr)
    return std::vector<std::string>{"eng"};
  const auto* list = given->as<json_value::array>();
  std::vector<std::string> languages;
  if (list != nullptr && list->size() <= most_languages)
    for (const auto& each : *list)
      if (const auto* name = each.as<std::string>(); name != nullptr && is_language(*name))
        languages.push_back(*name);
  if (languages.empty() || languages.size() != list->size())
    return error{errc::invalid_configuration,
                 s.file()
                     + ": 'languages' must be a list of 1 to 8 of Tesseract's codes, such as eng, deu or chi_sim"};
  return languages;
}

result<printed::page_layout> read_layout(const settings& s) {
  CHALK_TRY(const auto name, s.text("layout", "page"));
  const auto* at = std::find(layouts.begin(), layouts.end(), name);
  if (at == layouts.end())
    return error{errc::invalid_configuration, s.file() + ": 'layout' must be page, block, line or sparse"};
  return static_cast<printed::page_layout>(at - layouts.begin());
}

result<void> check_keys(const settings& s, const json_value& root) {
  for (const auto& [key, value] : *root.as<json_value::object>())
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      return {errc::invalid_configuration,
              s.file() + ": unknown key '" + key + "'; it may have languages, layout, max_seconds and data"};
  return {};
}

} // namespace

result<bool> is_printed_reader(const std::filesystem::path& directory) {
  return has_model_type(directory, model_type);
}

result<printed::engine_settings> read_printed_settings(const std::filesystem::path& directory) {
  CHALK_TRY(const auto root, read_configuration(directory));
  const settings s((directory / "config.json").string(), root);
  CHALK_CHECK(check_keys(s, root));
  printed::engine_settings made;
  CHALK_TRY(made.languages, read_languages(s));
  CHALK_TRY(made.layout, read_layout(s));
  CHALK_TRY(const auto seconds, s.number("max_seconds", 30));
  if (!(seconds >= 0.1 && seconds <= 3600))
    return error{errc::invalid_configuration, s.file() + ": 'max_seconds' must be from 0.1 to 3600"};
  made.max_time = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
  CHALK_TRY(const auto told, s.text("data", ""));
  const auto folders = data_folders(directory, told);
  for (const auto& folder : folders)
    if (std::all_of(made.languages.begin(), made.languages.end(),
                    [&](const auto& language) { return has_data(folder, language); })) {
      made.data = folder;
      return made;
    }
  const auto missing = std::find_if(made.languages.begin(), made.languages.end(), [&](const auto& language) {
    return std::none_of(folders.begin(), folders.end(),
                        [&](const auto& folder) { return has_data(folder, language); });
  });
  if (missing != made.languages.end())
    return error{errc::not_found, s.file() + ": languages: there are no data for '" + *missing
                                      + "': install the package " + package_of(*missing) + ", or put " + *missing
                                      + ".traineddata beside it (there are: " + languages_in(folders) + ")"};
  return error{errc::not_found, s.file()
                                    + ": languages: their data lie in different folders; put them into one and "
                                      "name it as 'data'"};
}

result<loaded_model> load_printed_reader(const load_request& request, observer& watcher) {
  if (request.output != head::text && request.output != head::logits) // who asks what an image shows asks for logits
    return error{errc::invalid_configuration,
                 request.directory.string() + ": reads text from pictures; it has no embeddings and no classes"};
  CHALK_TRY(const auto where, parse_device(request.device));
  if (where.kind != device_kind::cpu)
    return error{errc::invalid_configuration, request.directory.string() + ": Tesseract runs on a CPU alone"};
  const std::string step = "load " + request.name;
  watcher.progress(step, 0);
  CHALK_TRY(auto wanted, read_printed_settings(request.directory));
  std::vector<file_stamp> data;
  loaded_model loaded;
  for (const auto& language : wanted.languages) {
    CHALK_TRY(auto stamp, stamp_of(data_file(wanted.data, language)));
    loaded.weight_bytes += stamp.size;
    data.push_back(std::move(stamp));
  }
  CHALK_TRY(const auto digest, digest_of(request, data));
  auto engines = printed::engine_pool::make(std::move(wanted));
  if (!engines)
    return located(request.directory, engines.error());
  const auto ready =
      std::make_shared<const printed::printed_model>(std::move(*engines), identity_of(request, digest));
  sequence grey;
  grey.image =
      std::make_shared<const picture>(picture{64, 32, 1, std::vector<std::uint8_t>(std::size_t{64} * 32, 255)});
  CHALK_CHECK(warm_up(*ready, grey));
  watcher.progress(step, 1);
  loaded.compute = ready;
  loaded.max_tokens = ready->max_tokens();
  loaded.reads_pages = true;
  return loaded;
}

result<void> inspect_printed_reader(const std::filesystem::path& directory) {
  CHALK_TRY(const auto found, read_printed_settings(directory));
  return {};
}

} // namespace chalkstream::models
