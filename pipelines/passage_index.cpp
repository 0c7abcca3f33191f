#include "pipelines/passage_index.hpp"

#include <algorithm>

namespace chalkstream::pipelines {

result<passage_index> passage_index::make(std::shared_ptr<const education::course_material> material,
                                          std::size_t width, const education::vector_index_settings& settings) {
  passage_index made{std::move(material), width};
  std::vector<std::vector<std::size_t>> passages; // by shelf
  const auto& all = *made.material_;
  for (std::size_t i = 0; i < all.passages.size(); ++i) {
    const auto& of = all.of(all.passages[i]);
    const auto [at, fresh] = made.tenants_[of.tenant].try_emplace(of.course, passages.size());
    if (fresh)
      passages.emplace_back();
    auto& shelf = passages[at->second];
    made.places_.push_back({static_cast<std::uint32_t>(at->second), static_cast<std::uint32_t>(shelf.size())});
    shelf.push_back(i);
  }
  for (auto& those : passages) {
    CHALK_TRY(auto vectors, education::vector_index::make(width, those.size(), settings));
    made.shelves_.push_back({std::move(vectors), std::move(those)});
  }
  return made;
}

result<void> passage_index::add(std::span<const float> row) {
  if (filled_ == places_.size())
    return {errc::invalid_argument, "there are more vectors than passages"};
  CHALK_CHECK(shelves_[places_[filled_].shelf].vectors.add(row));
  ++filled_;
  return {};
}

result<void> passage_index::add_unlinked(std::span<const float> row) {
  if (filled_ == places_.size())
    return {errc::invalid_argument, "there are more vectors than passages"};
  CHALK_CHECK(shelves_[places_[filled_].shelf].vectors.add_unlinked(row));
  ++filled_;
  return {};
}

result<void> passage_index::link(std::size_t number, std::span<const std::uint32_t> graph) {
  return shelves_[number].vectors.link(graph);
}

std::span<const float> passage_index::row(std::size_t passage) const {
  const auto& at = places_[passage];
  return shelves_[at.shelf].vectors.row(at.row);
}

std::vector<passage_hit> passage_index::nearest(std::span<const float> query, std::string_view tenant,
                                                std::string_view course, std::size_t count) const {
  std::vector<passage_hit> hits;
  if (const auto everybodys = tenants_.find(""); everybodys != tenants_.end())
    search(everybodys->second, course, query, count, hits);
  if (const auto own = tenants_.find(tenant); !tenant.empty() && own != tenants_.end())
    search(own->second, course, query, count, hits);
  std::sort(hits.begin(), hits.end(), [](const passage_hit& a, const passage_hit& b) {
    return a.similarity > b.similarity || (a.similarity == b.similarity && a.passage < b.passage);
  });
  if (hits.size() > count)
    hits.resize(count);
  return hits;
}

void passage_index::search(const courses& of, std::string_view course, std::span<const float> query,
                           std::size_t count, std::vector<passage_hit>& hits) const {
  for (const auto& [name, number] : of) {
    if (!course.empty() && !name.empty() && name != course)
      continue;
    const auto& shelf = shelves_[number];
    for (const auto& [row, similarity] : shelf.vectors.nearest(query, count))
      hits.push_back({shelf.passages[row], similarity});
  }
}

} // namespace chalkstream::pipelines
