#include "pipelines/tools/training/images/picture_split.hpp"

#include "education/measures/bootstrap.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::pipelines::tools {

namespace {

void move_picture(picture_set& from, std::size_t place, picture_set& to) {
  to.pictures.push_back(std::move(from.pictures[place]));
  to.goals.push_back(from.goals[place]);
  to.places.push_back(std::move(from.places[place]));
}

} // namespace

result<split_pictures> split_by_share(picture_set all, double share, std::uint64_t seed) {
  std::vector<std::vector<std::uint32_t>> of_label(all.labels.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    of_label[all.goals[i]].push_back(static_cast<std::uint32_t>(i));
  std::vector<bool> chosen(all.size(), false);
  education::measures::row_generator random{seed};
  for (std::size_t label = 0; label < of_label.size(); ++label) {
    auto& places = of_label[label];
    if (places.size() < 2)
      return error{errc::invalid_argument, all.place(places.front()) + ": is the only picture with the label '"
                                               + all.labels[label] + "', so none is left to validate with"};
    random.shuffle(std::span{places});
    const auto wanted = static_cast<std::size_t>(std::llround(share * static_cast<double>(places.size())));
    const auto taken = std::clamp<std::size_t>(wanted, 1, places.size() - 1);
    for (std::size_t i = 0; i < taken; ++i)
      chosen[places[i]] = true;
  }
  split_pictures parts;
  parts.training.files = parts.validation.files = all.files;
  parts.training.labels = parts.validation.labels = all.labels;
  for (std::size_t i = 0; i < all.size(); ++i)
    move_picture(all, i, chosen[i] ? parts.validation : parts.training);
  return parts;
}

} // namespace chalkstream::pipelines::tools
