#include "education/catalogue.hpp"

#include "education/characters.hpp"
#include "education/json_document.hpp"

#include <algorithm>
#include <simdjson.h>
#include <unordered_set>

namespace chalkstream::education {

namespace {

constexpr std::size_t max_line_bytes = 1 << 20;

/// Why this line is not a resource; empty if it is.
std::string read_resource(std::string_view line, resource& out) {
  simdjson::dom::object object;
  if (const auto refused = parse_object(line, max_line_bytes, 8, object))
    return refused->detail;
  std::string description, wrong;
  const auto read = [&](const char* name, std::string& target) {
    simdjson::dom::element value;
    std::string_view text;
    if (object.at_key(name).get(value) || value.is_null())
      return;
    if (value.get_string().get(text))
      wrong = std::string{name} + " must be a string";
    target = text;
  };
  read("id", out.id);
  read("title", out.title);
  read("text", out.text);
  read("description", description);
  read("url", out.url);
  read("subject", out.subject);
  read("lang", out.lang);
  if (out.text.empty())
    out.text = std::move(description);
  if (wrong.empty() && is_blank(out.id))
    wrong = "id is missing";
  if (wrong.empty() && is_blank(out.title))
    wrong = "title is missing";
  if (wrong.empty() && is_blank(out.text))
    wrong = "text (or description) is missing";
  return wrong;
}

float dot(const float* a, const float* b, std::size_t n) {
  // Eight sums, so that the compiler may keep them in one register without reordering anything itself.
  float sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (std::size_t j = 0; j < 8; ++j)
      sums[j] += a[i + j] * b[i + j];
  float sum = 0;
  for (; i < n; ++i)
    sum += a[i] * b[i];
  for (auto part : sums)
    sum += part;
  return sum;
}

} // namespace

result<std::vector<resource>> parse_catalogue(std::string_view content, std::string_view file) {
  std::vector<resource> resources;
  std::unordered_set<std::string> ids;
  std::size_t number = 0;
  while (!content.empty()) {
    ++number;
    const auto end = content.find('\n');
    const auto line = content.substr(0, end);
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos)
      continue;
    const auto fail = [&](std::string_view what) {
      return error{errc::invalid_configuration,
                   std::string{file} + ":" + std::to_string(number) + ": " + std::string{what}};
    };
    resource entry;
    if (const auto wrong = read_resource(line, entry); !wrong.empty())
      return fail(wrong);
    if (!ids.insert(entry.id).second)
      return fail("id \"" + entry.id + "\" appears twice");
    if (resources.size() == max_resources)
      return fail("a catalogue has at most 100000 resources");
    resources.push_back(std::move(entry));
  }
  if (resources.empty())
    return {errc::invalid_configuration, std::string{file} + ": the catalogue is empty"};
  return resources;
}

std::vector<neighbour> nearest(std::span<const float> matrix, std::span<const float> query, std::size_t count) {
  std::vector<neighbour> best;
  if (query.empty() || count == 0)
    return best;
  const auto better = [](const neighbour& a, const neighbour& b) {
    return a.similarity > b.similarity || (a.similarity == b.similarity && a.row < b.row);
  };
  for (std::size_t row = 0; (row + 1) * query.size() <= matrix.size(); ++row) {
    const neighbour candidate{row, dot(matrix.data() + row * query.size(), query.data(), query.size())};
    if (best.size() == count && !better(candidate, best.back()))
      continue;
    if (best.size() == count)
      best.pop_back();
    best.insert(std::upper_bound(best.begin(), best.end(), candidate, better), candidate);
  }
  return best;
}

} // namespace chalkstream::education
