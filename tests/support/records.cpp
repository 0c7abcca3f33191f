#include "tests/support/records.hpp"

namespace chalkstream::test {

namespace {

struct owned {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<header> headers;
};

} // namespace

record make_record(std::int32_t partition, std::int64_t offset, std::optional<std::string> key,
                   std::optional<std::string> value, std::vector<header> headers, wall_time timestamp) {
  auto bytes = std::make_shared<const owned>(owned{std::move(key), std::move(value), std::move(headers)});
  record made;
  made.partition = partition;
  made.offset = offset;
  made.timestamp = timestamp;
  made.key = bytes->key;
  made.value = bytes->value;
  for (const auto& h : bytes->headers)
    made.headers.push_back({h.name, h.value});
  made.memory = std::move(bytes);
  return made;
}

} // namespace chalkstream::test
