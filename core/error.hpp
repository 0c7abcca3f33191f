// Errors as values. A function that can fail for a reason its caller must handle returns result<T>; a broken
// promise of our own (an invariant) is an assertion. Text in an error is for people: it names what was wrong and,
// where possible, what was meant. It never holds a learner's text or id.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace chalkstream {

enum class errc : std::uint8_t {
  invalid_argument,      // the caller passed something that can never work
  invalid_configuration, // a file a person wrote is wrong; the message says where and what was meant
  not_found,             // a file, topic, tensor or key does not exist
  unsupported,           // well-formed, but not something this build knows
  corrupt,               // bytes contradict their own description
  io,                    // the operating system refused
  unavailable,           // a peer is away; the same call may work later
  timed_out,             // no answer within the time allowed
  fenced,                // another instance took over; this one must stop using the resource
  cancelled,             // stopped on request
  out_of_memory,         // an allocation failed; a smaller batch may work
  internal,              // a bug of ours
};

std::string_view to_string(errc code) noexcept;

struct error {
  errc code = errc::internal;
  std::string message;
};

/// "not_found: message".
std::string to_string(const error& what);

/// Either a value or an error. Reading the wrong side is a bug and throws std::bad_variant_access.
template <class T>
class [[nodiscard]] result {
public:
  result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  result(struct error what) : state_(std::in_place_index<1>, std::move(what)) {}
  result(errc code, std::string message) : state_(std::in_place_index<1>, chalkstream::error{code, std::move(message)}) {}

  bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const struct error& error() const& { return std::get<1>(state_); }
  struct error&& error() && { return std::get<1>(std::move(state_)); }

private:
  std::variant<T, struct error> state_;
};

template <>
class [[nodiscard]] result<void> {
public:
  result() = default;
  result(struct error what) : error_(std::move(what)), failed_(true) {}
  result(errc code, std::string message) : error_{code, std::move(message)}, failed_(true) {}

  bool ok() const noexcept { return !failed_; }
  explicit operator bool() const noexcept { return ok(); }
  const struct error& error() const { return error_; }

private:
  struct error error_;
  bool failed_ = false;
};

} // namespace chalkstream

#define CHALK_CONCAT_(a, b) a##b
#define CHALK_CONCAT(a, b) CHALK_CONCAT_(a, b)

/// CHALK_TRY(auto x, f()): x becomes the value, or the enclosing function returns the error.
#define CHALK_TRY(declaration, expression)                                                                           \
  auto CHALK_CONCAT(chalk_try_, __LINE__) = (expression);                                                            \
  if (!CHALK_CONCAT(chalk_try_, __LINE__))                                                                           \
    return std::move(CHALK_CONCAT(chalk_try_, __LINE__)).error();                                                    \
  declaration = std::move(CHALK_CONCAT(chalk_try_, __LINE__)).value()

/// CHALK_CHECK(f()): for result<void>.
#define CHALK_CHECK(expression)                                                                                      \
  do {                                                                                                               \
    if (const auto& chalk_check = (expression); !chalk_check)                                                               \
      return chalk_check.error();                                                                                    \
  } while (false)
