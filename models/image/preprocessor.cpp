#include "models/image/preprocessor.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>
#include <string>

#include "models/image/processor_settings.hpp"

namespace chalkstream::image {
namespace {

// Beyond these no picture is meant, and buffers of lines would be larger than pictures.
constexpr std::size_t max_side = 1 << 20;
constexpr std::size_t max_made_pixels = 64'000'000;

std::size_t times(std::size_t edge, std::size_t numerator, std::size_t denominator) {
  return static_cast<std::size_t>(static_cast<double>(edge * numerator) / static_cast<double>(denominator));
}

// By Hugging Face's own steps: each rounds.
picture_size within(const size_rule& rule, picture_size from) {
  const double low = static_cast<double>(std::min(from.width, from.height));
  const double high = static_cast<double>(std::max(from.width, from.height));
  double exact = static_cast<double>(rule.shortest);
  if (high / low * exact > static_cast<double>(rule.longest))
    exact = static_cast<double>(rule.longest) * low / high;
  const auto edge = static_cast<std::size_t>(std::nearbyint(exact));
  if (std::min(from.width, from.height) == edge)
    return from;
  const auto other = static_cast<std::size_t>(exact * high / low);
  return from.width < from.height ? picture_size{edge, other} : picture_size{other, edge};
}

picture_size resized(const size_rule& rule, picture_size from) {
  switch (rule.by) {
  case size_rule::kind::as_it_is:
    return from;
  case size_rule::kind::exact:
    return rule.exact;
  case size_rule::kind::within:
    return within(rule, from);
  case size_rule::kind::shortest:
    break;
  }
  if (from.width <= from.height)
    return {rule.shortest, times(rule.shortest, from.height, from.width)};
  return {times(rule.shortest, from.width, from.height), rule.shortest};
}

picture grey(const picture& rgb) {
  picture made{rgb.width, rgb.height, 1, {}};
  made.values.resize(rgb.width * rgb.height);
  for (std::size_t i = 0; i < made.values.size(); ++i) {
    const auto* pixel = rgb.values.data() + i * 3;
    made.values[i] =
        static_cast<std::uint8_t>((pixel[0] * 19595u + pixel[1] * 38470u + pixel[2] * 7471u + 0x8000u) >> 16);
  }
  return made;
}

// A picture's place on a black one, or the other way round: `x` and `y` may be negative.
picture laid(const picture& from, picture_size to, std::int64_t x, std::int64_t y) {
  picture made{to.width, to.height, from.channels, {}};
  made.values.resize(to.width * to.height * from.channels);
  const auto begin = std::max<std::int64_t>(0, x);
  const auto end = std::min(static_cast<std::int64_t>(to.width), x + static_cast<std::int64_t>(from.width));
  for (std::size_t row = 0; row < to.height && begin < end; ++row) {
    const auto source = static_cast<std::int64_t>(row) - y;
    if (source < 0 || source >= static_cast<std::int64_t>(from.height))
      continue;
    const auto at = static_cast<std::size_t>(source) * from.width + static_cast<std::size_t>(begin - x);
    std::memcpy(made.values.data() + (row * to.width + static_cast<std::size_t>(begin)) * from.channels,
                from.values.data() + at * from.channels, static_cast<std::size_t>(end - begin) * from.channels);
  }
  return made;
}

// Where a picture's first pixel comes to lie in its middle part, rounded as Hugging Face rounds.
std::int64_t offset_in_middle(std::size_t from, std::size_t to) {
  const auto had = static_cast<std::int64_t>(from), wanted = static_cast<std::int64_t>(to);
  return wanted <= had ? -((had - wanted) / 2) : (wanted - had + 1) / 2;
}

picture middle(const picture& from, picture_size to) {
  return laid(from, to, offset_in_middle(from.width, to.width), offset_in_middle(from.height, to.height));
}

} // namespace

struct preprocessor::settings : processor_settings {};

result<preprocessor> preprocessor::read(const std::filesystem::path& directory) {
  CHALK_TRY(auto found, processor_settings::read(directory));
  preprocessor made;
  made.settings_ = std::make_shared<const settings>(settings{std::move(found)});
  return made;
}

result<picture> preprocessor::prepare(const picture& rgb) const {
  const picture_size from{rgb.width, rgb.height};
  if (rgb.channels != 3 || rgb.values.size() != from.width * from.height * 3 || rgb.values.empty())
    return {errc::invalid_argument, "a picture to prepare is not one of RGB"};
  if (std::max(from.width, from.height) > max_side)
    return {errc::invalid_argument, "a picture is longer than " + std::to_string(max_side) + " pixels"};
  const auto to = resized(settings_->size, from);
  if (to.width == 0 || to.height == 0)
    return {errc::invalid_argument, "a picture is so thin that nothing is left of it"};
  // Of what is resized, only what is cropped of it is computed.
  auto crops = std::span(settings_->crops);
  rectangle part{0, 0, to};
  if (!crops.empty() && crops.front().width <= to.width && crops.front().height <= to.height) {
    part = {(to.width - crops.front().width) / 2, (to.height - crops.front().height) / 2, crops.front()};
    crops = crops.subspan(1);
  }
  if (part.size.width > max_made_pixels / part.size.height)
    return {errc::invalid_argument, "a picture is so thin that it becomes too large"};
  try {
    auto made = settings_->channels == 1 ? resample(grey(rgb), to, settings_->by, part)
                                         : resample(rgb, to, settings_->by, part);
    for (const auto& crop : crops)
      made = middle(made, crop);
    if (const auto& pad = settings_->pad) {
      if (made.width > pad->width || made.height > pad->height)
        return {errc::invalid_argument, "a picture is larger than pad_size"};
      made = laid(made, *pad, 0, 0);
    }
    return made;
  } catch (const std::bad_alloc&) {
    return {errc::out_of_memory, "there is no memory for a picture"};
  }
}

std::optional<picture_size> preprocessor::size() const {
  if (settings_->pad)
    return settings_->pad;
  if (!settings_->crops.empty())
    return settings_->crops.back();
  return settings_->size.by == size_rule::kind::exact ? std::optional(settings_->size.exact) : std::nullopt;
}

std::optional<picture_size> preprocessor::largest() const {
  if (const auto one = size())
    return one;
  const auto& rule = settings_->size;
  if (rule.by != size_rule::kind::within)
    return std::nullopt;
  // Of a picture that is not resized since its shortest edge is right already, the longest may be over by what that
  // was rounded.
  return picture_size{rule.longest, std::min(rule.shortest, rule.longest) + 1};
}

bool preprocessor::pads() const {
  return settings_->pad.has_value();
}

std::size_t preprocessor::channels() const {
  return settings_->channels;
}

std::span<const float, 256> preprocessor::values(std::size_t channel) const {
  return settings_->values[channel];
}

} // namespace chalkstream::image
