#include "education/event_decoder.hpp"

#include "education/characters.hpp"
#include "education/graded_answer_field.hpp"
#include "education/image_field.hpp"
#include "education/image_record.hpp"
#include "education/json_document.hpp"
#include "education/known_field.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <simdjson.h>
#include <string>

namespace chalkstream::education {

namespace {

constexpr std::size_t max_references = 64;
constexpr std::int64_t most_sentences = 100;

enum field : std::size_t {
  id,
  tenant,
  learner,
  course,
  assignment,
  item,
  attempt,
  type,
  text,
  image,
  video,
  references,
  question,
  graded,
  max_score,
  max_sentences,
  lang,
  deadline,
  priority_,
  occurred_at,
  field_count
};
constexpr std::array<std::string_view, field_count> names{
    "id",        "tenant",        "learner", "course",   "assignment", "item",       "attempt",
    "type",      "text",          "image",   "video",    "references", "question",   "graded",
    "max_score", "max_sentences", "lang",    "deadline", "priority",   "occurred_at"};

/// The known fields of one event, each at most once.
struct fields {
  std::array<maybe_element, field_count> values;

  maybe_rejection collect(simdjson::dom::object object) { return collect_fields(object, names, values); }

  maybe_rejection read_string(field f, std::string_view& out) const {
    return education::read_string(names[f], values[f], out);
  }

  maybe_rejection read_id(field f, bool required, std::string_view& out) const {
    return education::read_id(names[f], values[f], required, out);
  }

  maybe_rejection read_time(field f, std::optional<wall_time>& out) const {
    return education::read_time(names[f], values[f], out);
  }

  maybe_rejection read_attempt(std::int64_t& out) const {
    if (!values[attempt])
      return std::nullopt;
    if (!values[attempt]->is_number())
      return refuse(reject_reason::wrong_type, "attempt", "must be a number");
    if (values[attempt]->get_int64().get(out) || out < 1)
      return refuse(reject_reason::invalid_value, "attempt", "must be a whole number from 1");
    return std::nullopt;
  }

  maybe_rejection read_max_sentences(std::optional<std::size_t>& out) const {
    if (!values[max_sentences])
      return std::nullopt;
    if (!values[max_sentences]->is_number())
      return refuse(reject_reason::wrong_type, "max_sentences", "must be a number");
    std::int64_t wanted = 0;
    if (values[max_sentences]->get_int64().get(wanted) || wanted < 1 || wanted > most_sentences)
      return refuse(reject_reason::invalid_value, "max_sentences", "must be a whole number from 1 to 100");
    out = static_cast<std::size_t>(wanted);
    return std::nullopt;
  }

  maybe_rejection read_max_score(std::optional<double>& out) const {
    return read_number(names[max_score], values[max_score], 0, std::numeric_limits<double>::max(),
                       "must be finite and not negative", out);
  }

  maybe_rejection read_lang(std::optional<std::string>& out) const {
    std::string_view written;
    if (auto refused = read_string(lang, written))
      return refused;
    if (!values[lang])
      return std::nullopt;
    const auto fits = [](unsigned char c) {
      return c == '-' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    };
    if (written.empty() || written.size() > 35 || written.front() == '-'
        || !std::all_of(written.begin(), written.end(), fits))
      return refuse(reject_reason::invalid_value, "lang", "is not a BCP 47 language tag");
    out = std::string{written};
    return std::nullopt;
  }

  maybe_rejection read_priority(std::optional<priority>& out) const {
    std::string_view written;
    if (auto refused = read_string(priority_, written))
      return refused;
    if (!values[priority_])
      return std::nullopt;
    for (std::size_t i = 0; i < priority_count; ++i)
      if (to_string(static_cast<priority>(i)) == written)
        out = static_cast<priority>(i);
    if (!out)
      return refuse(reject_reason::invalid_value, "priority", "must be exam, interactive, normal or bulk");
    return std::nullopt;
  }

  maybe_rejection read_type(event_types served, event_type& out) const {
    if (!values[type])
      return refuse(reject_reason::missing_field, "type", "is required");
    std::string_view written;
    if (auto refused = read_string(type, written))
      return refused;
    for (std::size_t i = 0; i < served.size(); ++i)
      if (served[i] && to_string(static_cast<event_type>(i)) == written) {
        out = static_cast<event_type>(i);
        return std::nullopt;
      }
    return refuse(reject_reason::unknown_type, "type", "is not one this pipeline serves");
  }

  maybe_rejection read_text(bool required, std::string& out) const {
    std::string_view written;
    if (auto refused = read_string(text, written))
      return refused;
    if (required && !values[text])
      return refuse(reject_reason::missing_field, "text", "is required for this type");
    if (required && is_blank(written))
      return refuse(reject_reason::empty_text, "text", "holds nothing but white space");
    out = written;
    return std::nullopt;
  }

  maybe_rejection read_file(field f, bool required, bool has_bytes, std::optional<submitted_image>& out) const {
    if (!required) // other types' images say nothing
      return std::nullopt;
    if (!values[f])
      return refuse(reject_reason::missing_field, names[f], "is required for this type");
    return education::read_file(names[f], *values[f], has_bytes, out.emplace());
  }

  maybe_rejection read_references(std::vector<std::string>& out) const {
    if (!values[references])
      return std::nullopt;
    simdjson::dom::array list;
    if (values[references]->get_array().get(list))
      return refuse(reject_reason::wrong_type, "references", "must be an array of strings");
    if (list.size() > max_references)
      return refuse(reject_reason::invalid_value, "references", "has more than 64 entries");
    out.reserve(list.size());
    for (auto entry : list) {
      const auto name = [&] { return "references[" + std::to_string(out.size()) + "]"; };
      std::string_view written;
      if (entry.get_string().get(written))
        return refuse(reject_reason::wrong_type, name(), "must be a string");
      if (is_blank(written))
        return refuse(reject_reason::invalid_value, name(), "is empty");
      out.emplace_back(written);
    }
    return std::nullopt;
  }

  maybe_rejection read_question(std::string& out) const {
    std::string_view written;
    if (auto refused = read_string(question, written))
      return refused;
    out = written;
    return std::nullopt;
  }

  maybe_rejection read_graded(double full_marks, std::vector<graded_answer>& out) const {
    return values[graded] ? read_graded_answers(*values[graded], full_marks, out) : std::nullopt;
  }
};

} // namespace

event_types only(std::initializer_list<event_type> types) {
  event_types set;
  for (auto t : types)
    set.set(static_cast<std::size_t>(t));
  return set;
}

event_types all_event_types() {
  return event_types{}.set();
}

event_decoder::event_decoder(std::shared_ptr<const pseudonymiser> pseudonyms, event_types served,
                             decoder_limits limits)
    : pseudonyms_(std::move(pseudonyms)), served_(served), limits_(limits) {}

std::variant<event, rejection> event_decoder::decode(std::optional<std::string_view> value) const {
  return read(value, false);
}

std::variant<event, rejection> event_decoder::decode(const record& input) const {
  if (!is_file_record(input))
    return read(input.value, false);
  if (!input.value || input.value->empty())
    return rejection{reject_reason::empty_value, stage::prepare, "the record has no value"};
  if (input.value->size() > limits_.max_bytes)
    return rejection{reject_reason::too_large, stage::prepare,
                     "the value has more than " + std::to_string(limits_.max_bytes) + " bytes"};
  auto decoded = read(event_of_file_record(input), true);
  if (auto* out = std::get_if<event>(&decoded))
    (out->image ? out->image : out->video)->bytes = *input.value;
  return decoded;
}

std::variant<event, rejection> event_decoder::read(std::optional<std::string_view> value, bool has_bytes) const {
  simdjson::dom::object object;
  if (auto refused = parse_object(value, limits_.max_bytes, limits_.max_depth, object))
    return std::move(*refused);
  fields known;
  if (auto refused = known.collect(object))
    return std::move(*refused);

  event out;
  std::string_view views[item + 1];
  for (auto f : {id, tenant, learner, course, assignment, item})
    if (auto refused = known.read_id(f, f == id || f == learner, views[f]))
      return std::move(*refused);
  maybe_rejection refused;
  if ((refused = known.read_type(served_, out.type))
      || (refused = known.read_text(out.type != event_type::image && out.type != event_type::video, out.text))
      || (refused = known.read_file(image, out.type == event_type::image, has_bytes, out.image))
      || (refused = known.read_file(video, out.type == event_type::video, has_bytes, out.video))
      || (refused = known.read_references(out.references)) || (refused = known.read_attempt(out.attempt))
      || (refused = known.read_max_score(out.max_score)) || (refused = known.read_question(out.question))
      || (refused = known.read_graded(out.max_score.value_or(1), out.graded))
      || (refused = known.read_max_sentences(out.max_sentences)) || (refused = known.read_lang(out.lang))
      || (refused = known.read_priority(out.urgency)) || (refused = known.read_time(deadline, out.deadline))
      || (refused = known.read_time(occurred_at, out.occurred_at)))
    return std::move(*refused);
  out.id = views[id];
  out.tenant = views[tenant];
  out.course = views[course];
  out.assignment = views[assignment];
  out.item = views[item];
  out.learner = pseudonyms_->pseudonym(views[tenant], views[learner]);
  return out;
}

} // namespace chalkstream::education
