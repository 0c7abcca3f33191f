#include "pipelines/tools/training/split.hpp"

#include "education/measures/bootstrap.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

namespace chalkstream::pipelines::tools {

result<split_examples> split_by_group(example_set all, double share, std::uint64_t seed) {
  std::map<std::string, std::size_t> sizes;
  for (const auto& example : all.examples)
    ++sizes[example.group];
  if (sizes.size() < 2)
    return error{errc::invalid_argument,
                 all.files.front()
                     + ": all rows are of one group, so none is left to validate with: name another "
                       "column by --group, or a file by --validation"};
  std::vector<std::string> order;
  order.reserve(sizes.size());
  for (const auto& [group, size] : sizes)
    order.push_back(group);
  education::measures::row_generator random{seed};
  random.shuffle(std::span{order});

  const auto wanted = share * static_cast<double>(all.examples.size());
  std::set<std::string> chosen;
  double rows = 0;
  for (const auto& group : order) {
    const auto more = static_cast<double>(sizes[group]);
    if (chosen.size() + 1 == sizes.size())
      break;
    if (!chosen.empty() && std::abs(rows + more - wanted) > std::abs(rows - wanted))
      break;
    chosen.insert(group);
    rows += more;
  }

  split_examples parts;
  parts.training.files = parts.validation.files = all.files;
  parts.training.traits = parts.validation.traits = all.traits;
  for (auto& example : all.examples)
    (chosen.contains(example.group) ? parts.validation : parts.training).examples.push_back(std::move(example));
  return parts;
}

result<void> check_apart(const split_examples& parts) {
  for (const auto& [part, name] : {std::pair{&parts.training, "train"}, std::pair{&parts.validation, "validate"}})
    if (part->examples.empty())
      return {errc::invalid_argument, std::string{"there are no rows to "} + name + " with"};
  std::unordered_map<std::string_view, const text_example*> seen;
  for (const auto& example : parts.training.examples)
    if (!example.group.empty())
      seen.try_emplace(example.group, &example);
  for (const auto& example : parts.validation.examples)
    if (const auto both = seen.find(example.group); both != seen.end())
      return {errc::invalid_argument, parts.validation.place(example) + ": its group is in the training part too ("
                                          + parts.training.place(*both->second)
                                          + "): a model must not be judged by a group it has learnt from"};
  return {};
}

} // namespace chalkstream::pipelines::tools
