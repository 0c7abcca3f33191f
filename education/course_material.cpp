#include "education/course_material.hpp"

#include "education/characters.hpp"
#include "education/line_file.hpp"
#include "education/sentences.hpp"

#include <unordered_set>

namespace chalkstream::education {

namespace {

constexpr std::size_t max_name_bytes = 512; // as an event's

struct entry {
  material what;
  std::string text;
  std::string lang;
};

/// Why this line is no material; empty if it is.
std::string read_entry(std::string_view line, entry& out) {
  auto& [id, title, source, tenant, course] = out.what;
  if (auto wrong = read_texts(line, {{"id", &id},
                                     {"title", &title},
                                     {"source", &source},
                                     {"tenant", &tenant},
                                     {"course", &course},
                                     {"text", &out.text},
                                     {"lang", &out.lang}});
      !wrong.empty())
    return wrong;
  if (is_blank(id))
    return "id is missing";
  if (is_blank(out.text))
    return "text is missing";
  for (const auto& [name, value] : {std::pair{"id", &id}, {"tenant", &tenant}, {"course", &course}})
    if (value->size() > max_name_bytes)
      return std::string{name} + " is longer than 512 bytes";
  return {};
}

/// Whole sentences, as many as fit, one passage after the other.
void add_passages(const entry& from, std::size_t of, std::size_t length, std::vector<passage>& into) {
  const auto split = split_sentences(from.text, from.lang,
                                     {.sentences = max_line_bytes, .bytes = max_line_bytes, .code_points = length});
  const auto& sentences = split.sentences;
  std::size_t number = 0;
  for (std::size_t first = 0; first < sentences.size();) {
    auto last = first;
    while (last + 1 < sentences.size() && sentences[last + 1].stop - sentences[first].start <= length)
      ++last;
    const auto begin = sentences[first].begin;
    into.push_back({of, ++number, sentences[first].start, sentences[last].stop,
                    from.text.substr(begin, sentences[last].end - begin)});
    first = last + 1;
  }
}

} // namespace

std::string course_material::id(const passage& p) const {
  return of(p).id + "#" + std::to_string(p.number);
}

result<course_material> parse_course_material(std::string_view content, std::string_view file, std::size_t length) {
  course_material all;
  std::unordered_set<std::string> ids;
  CHALK_CHECK(read_lines(content, file, [&](std::string_view line) -> std::string {
    entry read;
    if (auto wrong = read_entry(line, read); !wrong.empty())
      return wrong;
    if (!ids.insert(read.what.id).second)
      return "id \"" + read.what.id + "\" appears twice";
    const auto before = all.passages.size();
    add_passages(read, all.materials.size(), length, all.passages);
    if (all.passages.size() == before)
      return "text has no word";
    if (all.passages.size() > max_passages)
      return "the material has more than " + std::to_string(max_passages) + " passages";
    all.materials.push_back(std::move(read.what));
    return {};
  }));
  if (all.materials.empty())
    return {errc::invalid_configuration, std::string{file} + ": there is no material"};
  return all;
}

} // namespace chalkstream::education
