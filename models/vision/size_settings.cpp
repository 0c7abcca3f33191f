#include "models/vision/size_settings.hpp"

#include <string>
#include <utility>

namespace chalkstream::models::vision {
namespace {

constexpr std::size_t most_stages = 16;

error wrong(const settings& c, std::string_view key, const std::string& meant) {
  return {errc::invalid_configuration, c.file() + ": '" + std::string(key) + "' must be " + meant};
}

// None if there is something else in it.
std::optional<std::vector<std::size_t>> numbers(const json_value::array& list, std::size_t limit) {
  std::vector<std::size_t> found;
  for (const auto& item : list) {
    const auto* n = item.as<std::uint64_t>();
    if (n == nullptr || *n < 1 || *n > limit)
      return std::nullopt;
    found.push_back(static_cast<std::size_t>(*n));
  }
  return found;
}

} // namespace

result<extent> read_extent(const settings& c, std::string_view key, std::size_t fallback, std::size_t limit) {
  const auto* value = c.find(key);
  const auto meant = "a number between 1 and " + std::to_string(limit) + ", or a list of height and width";
  if (value != nullptr && value->as<json_value::array>() != nullptr) {
    const auto sides = numbers(*value->as<json_value::array>(), limit);
    if (!sides || sides->size() != 2)
      return wrong(c, key, meant);
    return extent{sides->front(), sides->back()};
  }
  const auto side = c.whole_number(key, fallback);
  if (!side || *side < 1 || *side > limit)
    return wrong(c, key, meant);
  return extent{static_cast<std::size_t>(*side), static_cast<std::size_t>(*side)};
}

result<std::vector<std::size_t>> read_list(const settings& c, std::string_view key, std::vector<std::size_t> fallback,
                                           std::size_t limit) {
  const auto* value = c.find(key);
  if (value == nullptr || value->is_null())
    return fallback;
  const auto* list = value->as<json_value::array>();
  auto found =
      list != nullptr && !list->empty() && list->size() <= most_stages ? numbers(*list, limit) : std::nullopt;
  if (!found)
    return wrong(c, key,
                 "a list of 1 to " + std::to_string(most_stages) + " numbers between 1 and " + std::to_string(limit));
  return std::move(*found);
}

result<std::vector<std::size_t>> read_list(const settings& c, std::string_view key, std::vector<std::size_t> fallback,
                                           std::size_t limit, std::size_t stages) {
  CHALK_TRY(auto found, read_list(c, key, std::move(fallback), limit));
  if (found.size() != stages)
    return error{errc::invalid_configuration, c.file() + ": '" + std::string(key) + "' has "
                                                  + std::to_string(found.size()) + " numbers for "
                                                  + std::to_string(stages) + " stages"};
  return found;
}

result<double> read_factor(const settings& c, std::string_view key, double fallback, double limit) {
  CHALK_TRY(const auto factor, c.number(key, fallback));
  if (!(factor > 0 && factor <= limit))
    return wrong(c, key, "above 0 and at most " + std::to_string(static_cast<std::size_t>(limit)));
  return factor;
}

std::string to_string(const extent& of) {
  return std::to_string(of.width) + "x" + std::to_string(of.height);
}

} // namespace chalkstream::models::vision
