#include "core/dead_letter.hpp"

namespace chalkstream {

output make_dead_letter(const record& input, const rejection& why, std::string_view topic, std::string_view engine) {
  output out;
  out.to = destination::dead_letters;
  if (input.key)
    out.key = std::string{*input.key};
  out.borrowed = input.value;
  out.null_value = !input.value.has_value();
  out.memory = input.memory;
  out.timestamp = input.timestamp;
  out.partition = input.partition;
  out.offset = input.offset;
  out.headers.reserve(input.headers.size() + 6);
  for (const auto& h : input.headers)
    out.headers.push_back({std::string{h.name}, h.value ? std::optional<std::string>{*h.value} : std::nullopt});
  std::string source{topic};
  source.append("/").append(std::to_string(input.partition)).append("/").append(std::to_string(input.offset));
  out.headers.push_back({"chalkstream_reason", std::string{to_string(why.reason)}});
  out.headers.push_back({"chalkstream_detail", why.detail});
  out.headers.push_back({"chalkstream_stage", std::string{to_string(why.where)}});
  out.headers.push_back({"chalkstream_attempt", std::to_string(why.attempts)});
  out.headers.push_back({"chalkstream_source", std::move(source)});
  out.headers.push_back({"chalkstream_engine", std::string{engine}});
  return out;
}

} // namespace chalkstream
