#include "education/language_tag.hpp"

namespace chalkstream::education {

std::string primary_subtag(std::string_view tag) {
  std::string primary{tag.substr(0, tag.find('-'))};
  for (auto& c : primary)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c + 32);
  return primary;
}

} // namespace chalkstream::education
