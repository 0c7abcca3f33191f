#include "tests/support/fake_task.hpp"

#include "core/key_order.hpp"
#include "tests/support/fake_model.hpp"
#include "tests/support/fake_writer.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <stdexcept>

namespace chalkstream::test {

namespace {

struct order {
  std::size_t tokens = 0;
  std::map<std::string, std::string, std::less<>> options;

  std::int64_t number(std::string_view name, std::int64_t otherwise) const {
    const auto found = options.find(name);
    return found == options.end() ? otherwise : std::stoll(found->second);
  }
  std::string text(std::string_view name) const {
    const auto found = options.find(name);
    return found == options.end() ? std::string{} : found->second;
  }
};

struct fake_state final : task_state {
  order asked;
  std::int64_t steps_left = 1;
};

std::string_view next_word(std::string_view& text) {
  const auto at = text.find(' ');
  const auto word = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return word;
}

std::optional<order> read_order(std::string_view words) {
  order read;
  const auto tokens = next_word(words);
  const auto [end, code] = std::from_chars(tokens.data(), tokens.data() + tokens.size(), read.tokens);
  if (tokens.empty() || code != std::errc{} || end != tokens.data() + tokens.size())
    return std::nullopt;
  while (!words.empty()) {
    const auto word = next_word(words);
    const auto at = word.find('=');
    if (at == std::string_view::npos)
      return std::nullopt;
    read.options.emplace(word.substr(0, at), word.substr(at + 1));
  }
  return read;
}

work make_work(std::string_view value, const order& asked, std::int64_t steps_left) {
  work made;
  made.model = static_cast<std::size_t>(asked.number("model", 0));
  const auto hash = key_hash(value) + static_cast<std::uint64_t>(steps_left);
  for (std::int64_t s = 0; s < asked.number("sequences", 1); ++s) {
    sequence tokens;
    for (std::size_t i = 0; i < asked.tokens; ++i)
      tokens.ids.push_back(static_cast<std::int32_t>(1000 + (hash + i * 7 + static_cast<std::uint64_t>(s)) % 29000));
    if (!tokens.ids.empty() && asked.options.contains("id"))
      tokens.ids.front() = static_cast<std::int32_t>(asked.number("id", 0));
    if (asked.options.contains("write")) {
      generation_settings wanted;
      wanted.max_new_tokens = static_cast<std::size_t>(asked.number("write", 1));
      tokens.wanted = std::make_shared<const generation_settings>(wanted);
    }
    made.sequences.push_back(std::move(tokens));
  }
  for (std::size_t p = 0; p < priority_count; ++p)
    if (asked.text("urgency") == to_string(static_cast<priority>(p)))
      made.urgency = static_cast<priority>(p);
  if (asked.options.contains("deadline"))
    made.deadline = wall_time{std::chrono::milliseconds(asked.number("deadline", 0))};
  auto state = std::make_shared<fake_state>();
  state->asked = asked;
  state->steps_left = steps_left;
  made.state = std::move(state);
  return made;
}

rejection refuse(reject_reason reason, stage where) {
  return {reason, where, "as the fake task was told", 1};
}

reject_reason reason_named(std::string_view name) {
  for (std::size_t r = 0; r < reject_reason_count; ++r)
    if (to_string(static_cast<reject_reason>(r)) == name)
      return static_cast<reject_reason>(r);
  return reject_reason::malformed_json;
}

std::string answer(std::string_view value, float first) {
  return std::string(value) + " = " + std::to_string(first);
}

} // namespace

task_step fake_task::prepare(const record& input) const {
  ++prepared_;
  if (!input.value)
    return refuse(reject_reason::empty_value, stage::prepare);
  const auto key = std::string(input.key.value_or(""));
  auto words = *input.value;
  const auto verb = next_word(words);
  if (verb == "throw")
    throw std::runtime_error("the fake task throws on this record");
  if (verb == "reply")
    return reply{key, std::string(words), {}, false};
  if (verb == "reject")
    return refuse(reason_named(words), stage::prepare);
  if (verb == "work")
    if (const auto asked = read_order(words))
      return make_work(*input.value, *asked, asked->number("steps", 1));
  return refuse(reject_reason::malformed_json, stage::prepare);
}

task_step fake_task::complete(const record& input, work done, const output_rows& rows, const timing&) const {
  ++completed_;
  const auto& state = dynamic_cast<const fake_state&>(*done.state);
  if (state.steps_left > 1)
    return make_work(*input.value, state.asked, state.steps_left - 1);
  const auto then = state.asked.text("then");
  if (then == "throw")
    throw std::runtime_error("the fake task throws when it completes this record");
  if (then == "reject")
    return refuse(reject_reason::invalid_value, stage::complete);
  const auto first = !rows.texts.empty()   ? fake_writer::digest(rows.texts.back().ids)
                     : rows.values.empty() ? 0.0F
                                           : rows.values.front();
  return reply{std::string(input.key.value_or("")), answer(*input.value, first), {}, then == "review"};
}

std::string fake_task::reply_to(std::string_view value) {
  auto words = value;
  next_word(words);
  const auto asked = read_order(words).value();
  const auto last = make_work(value, asked, 1);
  if (asked.options.contains("write"))
    return answer(value, fake_writer::digest(fake_writer::text_for(last.sequences.back())));
  return answer(value, last.sequences.empty() ? 0.0F : fake_model::row_for(last.sequences.front(), 1).front());
}

} // namespace chalkstream::test
