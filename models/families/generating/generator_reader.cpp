#include "models/families/generating/generator_reader.hpp"

#include <utility>

namespace chalkstream::models::families {

generator_reader::generator_reader(std::string_view title, std::string_view prefix, std::string_view probe,
                                   const settings& c, const tensor_group& weights, std::string_view output)
    : configuration(c), find(weights, prefix, probe), title_(title), output_(output) {}

result<map_tensors> generator_reader::map(const std::string& name, std::size_t out, std::size_t in, map_form form) {
  map_tensors map;
  map.in = in;
  map.out = out;
  CHALK_TRY(map.weight, find.take(name + ".weight", {out, in}));
  if (form == map_form::biased) {
    CHALK_TRY(map.bias, find.take(name + ".bias", {out}));
  }
  return map;
}

result<norm_tensors> generator_reader::norm(const std::string& name, std::size_t width, norm_kind kind) {
  if (kind == norm_kind::layer)
    return find.norm(name, width);
  norm_tensors norm;
  CHALK_TRY(norm.gamma, find.take(name + ".weight", {width}));
  return norm;
}

result<const tensor_view*> generator_reader::word_table(const std::vector<std::string>& names, std::size_t vocabulary,
                                                        std::size_t width) {
  const tensor_view* first = nullptr;
  for (const auto& name : names) {
    if (!find.has(name))
      continue;
    CHALK_TRY(const auto* table, find.take(name, {vocabulary, width}));
    first = first == nullptr ? table : first;
  }
  if (first != nullptr)
    return first;
  CHALK_TRY(const auto tied, configuration.flag("tie_word_embeddings", true));
  if (tied && find.has_head(output_))
    return find.head_tensor(output_, {vocabulary, width});
  return find.take(names.front(), {vocabulary, width});
}

result<void> generator_reader::read_output(bool tied) {
  auto& output = model.output;
  output.in = model.decoder.width;
  output.out = model.decoder.vocabulary;
  output.weight = model.decoder.word_table;
  if (!tied || find.has_head(output_)) {
    CHALK_TRY(output.weight, find.head_tensor(output_, {output.out, output.in}));
  }
  return {};
}

result<generator_description> generator_reader::finish(std::span<const std::string_view> ignored) {
  CHALK_CHECK(find.nothing_is_left(title_, ignored));
  return std::move(model);
}

} // namespace chalkstream::models::families
