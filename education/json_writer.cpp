#include "education/json_writer.hpp"

#include <charconv>
#include <cmath>

namespace chalkstream::education {

namespace {

template <class Number>
void append_number(std::string& out, Number value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  out.append(buffer, end);
}

} // namespace

void json_writer::separate() {
  if (comma_)
    out_ += ',';
  comma_ = true;
}

json_writer& json_writer::open(char bracket) {
  separate();
  out_ += bracket;
  comma_ = false;
  return *this;
}

json_writer& json_writer::close(char bracket) {
  out_ += bracket;
  comma_ = true;
  return *this;
}

json_writer& json_writer::key(std::string_view name) {
  separate();
  quote(name);
  out_ += ':';
  comma_ = false;
  return *this;
}

json_writer& json_writer::string(std::string_view text) {
  separate();
  quote(text);
  return *this;
}

json_writer& json_writer::number(double value) {
  if (!std::isfinite(value))
    return null();
  separate();
  append_number(out_, value);
  return *this;
}

json_writer& json_writer::number(float value) {
  if (!std::isfinite(value))
    return null();
  separate();
  append_number(out_, value);
  return *this;
}

json_writer& json_writer::number(std::uint64_t value) {
  separate();
  append_number(out_, value);
  return *this;
}

json_writer& json_writer::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
  return *this;
}

json_writer& json_writer::null() {
  separate();
  out_ += "null";
  return *this;
}

void json_writer::quote(std::string_view text) {
  constexpr char hex[] = "0123456789abcdef";
  out_ += '"';
  std::size_t clean = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\')
      continue;
    out_.append(text.substr(clean, i - clean));
    clean = i + 1;
    switch (c) {
    case '"':
      out_ += "\\\"";
      break;
    case '\\':
      out_ += "\\\\";
      break;
    case '\n':
      out_ += "\\n";
      break;
    case '\r':
      out_ += "\\r";
      break;
    case '\t':
      out_ += "\\t";
      break;
    default:
      out_ += "\\u00";
      out_ += hex[c >> 4];
      out_ += hex[c & 15];
    }
  }
  out_.append(text.substr(clean));
  out_ += '"';
}

} // namespace chalkstream::education
