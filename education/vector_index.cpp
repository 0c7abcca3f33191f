#include "education/vector_index.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>

// Its prefetching reads behind the end of a list, and its own distances are chosen by processor: ours give the same
// bits on each.
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>

namespace chalkstream::education {

namespace {

using hnsw = hnswlib::HierarchicalNSW<float>;

constexpr std::size_t most_width = 65536;
constexpr std::size_t most_rows = std::size_t{1} << 30;
constexpr std::uint32_t most_levels = 64;
constexpr std::size_t seed = 100;

/// One minus the dot product, as the library wants it: smaller is nearer.
float distance(const void* a, const void* b, const void* width) {
  return 1 - dot(static_cast<const float*>(a), static_cast<const float*>(b), *static_cast<const std::size_t*>(width));
}

class unit_space final : public hnswlib::SpaceInterface<float> {
public:
  explicit unit_space(std::size_t width) : width_(width) {}
  std::size_t get_data_size() override { return width_ * sizeof(float); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return distance; }
  void* get_dist_func_param() override { return &width_; }

private:
  std::size_t width_;
};

error no_room() {
  return {errc::out_of_memory, "there is not enough memory for the index"};
}

error not_its_graph() {
  return {errc::corrupt, "the graph is not one over these vectors"};
}

/// Reads numbers one by one and remembers whether there were enough.
struct number_reader {
  std::span<const std::uint32_t> left;
  bool short_of = false;

  std::uint32_t next() {
    if (left.empty()) {
      short_of = true;
      return 0;
    }
    const auto n = left.front();
    left = left.subspan(1);
    return n;
  }
};

} // namespace

struct vector_index::state {
  state(std::size_t row_width, std::size_t room, const vector_index_settings& wanted)
      : width(row_width), capacity(room), space(row_width) {
    if (capacity <= wanted.exact_up_to) {
      matrix.reserve(capacity * width);
      return;
    }
    links.emplace(&space, capacity, wanted.links, wanted.link_candidates, seed);
    links->ef_ = wanted.search_candidates;
    linked = true;
  }

  std::size_t width;
  std::size_t capacity;
  std::vector<float> matrix; // where the search is exact
  unit_space space;
  std::optional<hnsw> links;
  bool linked = false;

  std::size_t size() const { return links ? links->cur_element_count : matrix.size() / width; }

  result<void> check_row(std::span<const float> row) const {
    if (row.size() != width)
      return {errc::invalid_argument, "a row of the index has another width"};
    if (size() == capacity)
      return {errc::invalid_argument, "the index is full"};
    return {};
  }
  bool read_levels(number_reader numbers, std::uint32_t top);
  bool read_links(number_reader numbers);
};

vector_index::vector_index(std::unique_ptr<state> made) : state_(std::move(made)) {}
vector_index::vector_index(vector_index&&) noexcept = default;
vector_index& vector_index::operator=(vector_index&&) noexcept = default;
vector_index::~vector_index() = default;

result<vector_index> vector_index::make(std::size_t width, std::size_t capacity,
                                        const vector_index_settings& settings) {
  if (width == 0 || width > most_width || capacity > most_rows)
    return error{errc::invalid_argument, "an index has 1 to 65536 numbers a row, and at most 2^30 rows"};
  try {
    return vector_index{std::make_unique<state>(width, capacity, settings)};
  } catch (const std::bad_alloc&) {
    return no_room();
  } catch (const std::runtime_error&) { // the library's word for the same
    return no_room();
  }
}

result<void> vector_index::add(std::span<const float> row) {
  auto& s = *state_;
  CHALK_CHECK(s.check_row(row));
  try {
    if (s.links)
      s.links->addPoint(row.data(), s.size());
    else
      s.matrix.insert(s.matrix.end(), row.begin(), row.end());
  } catch (const std::bad_alloc&) {
    return no_room();
  } catch (const std::runtime_error& e) {
    return {errc::internal, std::string{"the index cannot be built: "} + e.what()};
  }
  return {};
}

std::vector<neighbour> vector_index::nearest(std::span<const float> query, std::size_t count) const {
  const auto& s = *state_;
  if (query.size() != s.width || count == 0 || size() == 0)
    return {};
  if (!s.links)
    return education::nearest(s.matrix, query, count);
  std::vector<neighbour> found;
  if (!s.linked)
    return found;
  for (auto near = s.links->searchKnn(query.data(), count); !near.empty(); near.pop()) {
    const auto number = near.top().second;
    found.push_back({number, dot(row(number).data(), query.data(), s.width)});
  }
  std::sort(found.begin(), found.end(), is_nearer);
  return found;
}

std::size_t vector_index::size() const noexcept {
  return state_->size();
}

std::size_t vector_index::width() const noexcept {
  return state_->width;
}

std::span<const float> vector_index::row(std::size_t number) const noexcept {
  const auto& s = *state_;
  if (!s.links)
    return {s.matrix.data() + number * s.width, s.width};
  const char* at = s.links->getDataByInternalId(static_cast<hnswlib::tableint>(number));
  return {reinterpret_cast<const float*>(at), s.width};
}

// entry, its level; then for each row its level, and for each layer from the lowest how many links, and to whom.
std::vector<std::uint32_t> vector_index::graph() const {
  std::vector<std::uint32_t> numbers;
  if (!state_->links || size() == 0)
    return numbers;
  const auto& g = *state_->links;
  numbers = {g.enterpoint_node_, static_cast<std::uint32_t>(g.maxlevel_)};
  for (hnswlib::tableint i = 0; i < g.cur_element_count; ++i) {
    const int level = g.element_levels_[i];
    numbers.push_back(static_cast<std::uint32_t>(level));
    for (int layer = 0; layer <= level; ++layer) {
      auto* list = g.get_linklist_at_level(i, layer);
      const std::uint32_t count = g.getListCount(list);
      numbers.push_back(count);
      numbers.insert(numbers.end(), list + 1, list + 1 + count);
    }
  }
  return numbers;
}

result<void> vector_index::add_unlinked(std::span<const float> row) {
  auto& s = *state_;
  if (!s.links)
    return add(row);
  CHALK_CHECK(s.check_row(row));
  auto& g = *s.links;
  s.linked = false;
  const auto number = static_cast<hnswlib::tableint>(g.cur_element_count);
  std::memset(g.data_level0_memory_ + number * g.size_data_per_element_, 0, g.size_data_per_element_);
  std::memcpy(g.getDataByInternalId(number), row.data(), row.size_bytes());
  g.setExternalLabel(number, number);
  ++g.cur_element_count;
  return {};
}

result<void> vector_index::link(std::span<const std::uint32_t> graph) {
  auto& s = *state_;
  if (!s.links || size() == 0)
    return graph.empty() ? result<void>{} : not_its_graph();
  auto& g = *s.links;
  number_reader numbers{graph};
  const auto entry = numbers.next();
  const auto top = numbers.next();
  if (entry >= g.cur_element_count || top > most_levels || !s.read_levels(numbers, top) || !s.read_links(numbers)
      || g.element_levels_[entry] != static_cast<int>(top))
    return not_its_graph();
  g.enterpoint_node_ = entry;
  g.maxlevel_ = static_cast<int>(top);
  s.linked = true;
  return {};
}

/// Makes room for each row's links. The destructor frees what has a level.
bool vector_index::state::read_levels(number_reader numbers, std::uint32_t top) {
  auto& g = *links;
  for (std::size_t i = 0; i < g.cur_element_count; ++i) {
    const auto level = numbers.next();
    if (level > top || g.element_levels_[i] != 0)
      return false;
    if (level > 0) {
      const auto bytes = g.size_links_per_element_ * level + 1;
      g.linkLists_[i] = static_cast<char*>(std::calloc(bytes, 1));
      if (g.linkLists_[i] == nullptr)
        return false;
      g.element_levels_[i] = static_cast<int>(level);
    }
    for (std::uint32_t layer = 0; layer <= level && !numbers.short_of; ++layer)
      for (auto count = numbers.next(); count > 0 && !numbers.short_of; --count)
        numbers.next();
  }
  return !numbers.short_of && numbers.left.empty();
}

/// A link leads to a row that is in the same layer.
bool vector_index::state::read_links(number_reader numbers) {
  auto& g = *links;
  for (hnswlib::tableint i = 0; i < g.cur_element_count; ++i) {
    const auto level = static_cast<int>(numbers.next());
    for (int layer = 0; layer <= level; ++layer) {
      const auto count = numbers.next();
      if (count > (layer == 0 ? g.maxM0_ : g.maxM_))
        return false;
      auto* list = g.get_linklist_at_level(i, layer);
      g.setListCount(list, static_cast<unsigned short>(count));
      for (std::uint32_t n = 1; n <= count; ++n) {
        list[n] = numbers.next();
        if (list[n] >= g.cur_element_count || g.element_levels_[list[n]] < layer)
          return false;
      }
    }
  }
  return true;
}

} // namespace chalkstream::education
