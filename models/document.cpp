#include "models/document.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <new>

namespace chalkstream::models {
namespace {

// Builds the value without recursion; every callback that returns false ends the parse with `problem` set.
class builder : public nlohmann::json_sax<nlohmann::json> {
public:
  explicit builder(const json_limits& limits) : limits_(limits) {}

  bool null() override { return add(json_value()); }
  bool boolean(bool x) override { return add(json_value(x)); }
  bool number_integer(number_integer_t x) override {
    return x < 0 ? add(json_value(std::int64_t{x})) : add(json_value(static_cast<std::uint64_t>(x)));
  }
  bool number_unsigned(number_unsigned_t x) override { return add(json_value(std::uint64_t{x})); }
  bool number_float(number_float_t x, const string_t&) override { return add(json_value(double{x})); }
  bool string(string_t& x) override { return add(json_value(std::move(x))); }
  bool binary(binary_t&) override { return fail("holds binary data"); }
  bool start_object(std::size_t) override { return open(json_value(json_value::object{})); }
  bool start_array(std::size_t) override { return open(json_value(json_value::array{})); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    keys_.back() = std::move(name);
    return true;
  }

  bool end_object() override {
    const auto& members = *open_.back().as<json_value::object>();
    std::vector<std::string_view> names;
    names.reserve(members.size());
    for (const auto& member : members)
      names.push_back(member.first);
    std::sort(names.begin(), names.end());
    if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end())
      return fail("has two members named '" + std::string(twice->substr(0, 200)) + "'");
    return close();
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return fail("is not valid JSON at byte " + std::to_string(position));
  }

  std::string problem;
  json_value root;

private:
  bool fail(std::string what) {
    if (problem.empty())
      problem = std::move(what);
    return false;
  }

  bool count() {
    return ++nodes_ <= limits_.nodes || fail("has more than " + std::to_string(limits_.nodes) + " values");
  }

  bool add(json_value value) {
    if (!count())
      return false;
    place(std::move(value));
    return true;
  }

  void place(json_value value) {
    if (open_.empty())
      root = std::move(value);
    else if (auto* list = open_.back().as<json_value::array>())
      list->push_back(std::move(value));
    else
      open_.back().as<json_value::object>()->emplace_back(std::move(keys_.back()), std::move(value));
  }

  bool open(json_value container) {
    if (open_.size() >= limits_.depth)
      return fail("is nested deeper than " + std::to_string(limits_.depth) + " levels");
    if (!count())
      return false;
    open_.push_back(std::move(container));
    keys_.emplace_back();
    return true;
  }

  bool close() {
    json_value done = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    place(std::move(done));
    return true;
  }

  json_limits limits_;
  std::size_t nodes_ = 0;
  std::vector<json_value> open_;
  std::vector<std::string> keys_;
};

} // namespace

const json_value* json_value::find(std::string_view name) const noexcept {
  if (const auto* members = as<object>())
    for (const auto& member : *members)
      if (member.first == name)
        return &member.second;
  return nullptr;
}

result<json_value> parse_json(std::string_view text, const json_limits& limits) {
  if (text.size() > limits.bytes)
    return {errc::corrupt, "is larger than " + std::to_string(limits.bytes) + " bytes"};
  builder build(limits);
  try {
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &build))
      return {errc::corrupt, build.problem.empty() ? std::string("is not valid JSON") : build.problem};
  } catch (const std::bad_alloc&) {
    return {errc::out_of_memory, "does not fit into memory"};
  } catch (const std::exception&) {
    return {errc::corrupt, "is not valid JSON"};
  }
  return std::move(build.root);
}

result<std::string> read_text(const std::filesystem::path& file, std::size_t most) {
  std::error_code none;
  const auto size = std::filesystem::is_regular_file(file, none) ? std::filesystem::file_size(file, none) : 0;
  std::ifstream in(file, std::ios::binary);
  if (none || !std::filesystem::is_regular_file(file, none) || !in)
    return {errc::not_found, file.string() + ": there is no such readable file"};
  if (size > most)
    return {errc::corrupt, file.string() + ": is larger than " + std::to_string(most) + " bytes"};
  std::string text(size, '\0');
  in.read(text.data(), static_cast<std::streamsize>(size));
  if (in.gcount() != static_cast<std::streamsize>(size))
    return {errc::io, file.string() + ": could not be read to its end"};
  return text;
}

result<json_value> read_json(const std::filesystem::path& file, const json_limits& limits) {
  CHALK_TRY(const auto text, read_text(file, limits.bytes));
  auto value = parse_json(text, limits);
  if (!value)
    return {value.error().code, file.string() + ": " + value.error().message};
  return value;
}

error settings::wrong(std::string_view name, std::string_view meant) const {
  return {errc::invalid_configuration, file_ + ": '" + std::string(name) + "' must be " + std::string(meant)};
}

const json_value* settings::present(std::string_view name) const noexcept {
  const auto* value = object_.find(name);
  return value != nullptr && value->is_null() ? nullptr : value;
}

result<std::uint64_t> settings::whole_number(std::string_view name, std::optional<std::uint64_t> fallback) const {
  const auto* value = present(name);
  if (value == nullptr && fallback)
    return *fallback;
  const auto* number = value == nullptr ? nullptr : value->as<std::uint64_t>();
  if (number == nullptr)
    return wrong(name, "a whole number of at least 0");
  return *number;
}

result<double> settings::number(std::string_view name, std::optional<double> fallback) const {
  const auto* value = present(name);
  if (value == nullptr && fallback)
    return *fallback;
  if (value != nullptr) {
    if (const auto* x = value->as<double>(); x != nullptr && std::isfinite(*x))
      return *x;
    if (const auto* x = value->as<std::uint64_t>())
      return static_cast<double>(*x);
    if (const auto* x = value->as<std::int64_t>())
      return static_cast<double>(*x);
  }
  return wrong(name, "a number");
}

result<bool> settings::flag(std::string_view name, bool fallback) const {
  const auto* value = present(name);
  if (value == nullptr)
    return fallback;
  if (const auto* x = value->as<bool>())
    return *x;
  return wrong(name, "true or false");
}

result<std::string> settings::text(std::string_view name, std::optional<std::string> fallback) const {
  const auto* value = present(name);
  if (value == nullptr && fallback)
    return *fallback;
  const auto* x = value == nullptr ? nullptr : value->as<std::string>();
  if (x == nullptr)
    return wrong(name, "a string");
  return *x;
}

} // namespace chalkstream::models
