#include "pipelines/tools/training/recipe.hpp"

#include "pipelines/configuration/spelling.hpp"

#include <array>
#include <string>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::array<std::string_view, 9> names = {"classify",  "regress",        "pair", "span",    "seq2seq",
                                                   "summarize", "image-classify", "gan",  "ocr-line"};

} // namespace

result<recipe> recipe_from(std::string_view name) {
  std::string known;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name)
      return static_cast<recipe>(i);
    known += (i == 0 ? "" : ", ") + std::string{names[i]};
  }
  return error{errc::invalid_argument,
               "there is no recipe '" + std::string{name} + "'" + did_you_mean(name, names) + "; there are " + known};
}

std::string_view to_string(recipe what) {
  return names[static_cast<std::size_t>(what)];
}

} // namespace chalkstream::pipelines::tools
