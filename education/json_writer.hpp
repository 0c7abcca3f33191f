// Writes JSON text front to back: commas and escapes are its business, balance is the caller's. Numbers are the
// shortest text that reads back as the same value; what is not finite becomes null, so NaN never reaches a topic.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chalkstream::education {

class json_writer {
public:
  /// Appends to `out`, which outlives the writer. Strings must be UTF-8.
  explicit json_writer(std::string& out) : out_(out) {}

  json_writer& begin_object() { return open('{'); }
  json_writer& end_object() { return close('}'); }
  json_writer& begin_array() { return open('['); }
  json_writer& end_array() { return close(']'); }

  json_writer& key(std::string_view name);
  json_writer& string(std::string_view text);
  json_writer& number(double value);
  json_writer& number(float value);
  json_writer& number(std::uint64_t value);
  json_writer& boolean(bool value);
  json_writer& null();

private:
  json_writer& open(char bracket);
  json_writer& close(char bracket);
  void separate();
  void quote(std::string_view text);

  std::string& out_;
  bool comma_ = false;
};

} // namespace chalkstream::education
