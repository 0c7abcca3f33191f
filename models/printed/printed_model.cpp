#include "models/printed/printed_model.hpp"

#include <exception>
#include <new>
#include <string>

namespace chalkstream::printed {

std::size_t printed_model::max_tokens() const noexcept {
  return std::size_t{1} << 20;
}

result<output_rows> printed_model::run(std::span<const sequence* const> batch, crew*) const {
  try {
    output_rows made;
    made.readings.reserve(batch.size());
    for (const auto* s : batch) {
      if (s->image == nullptr || !s->ids.empty())
        return error{errc::invalid_argument, "the model reads pictures, and a sequence is not one"};
      CHALK_TRY(auto found, engines_->read(*s->image));
      made.readings.push_back(std::move(found));
    }
    return made;
  } catch (const std::bad_alloc&) {
    return error{errc::out_of_memory, "there is no memory to read a page"};
  } catch (const std::exception& e) {
    return error{errc::internal, std::string("the reader failed: ") + e.what()};
  }
}

} // namespace chalkstream::printed
