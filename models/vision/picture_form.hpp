// The pictures that a model takes: all of one size.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/image/picture_size.hpp"

#include <cstddef>

namespace chalkstream::models::vision {

struct picture_form {
  image::picture_size size;
  /// 1 or 3.
  std::size_t channels = 3;
};

/// invalid_argument unless the sequence is a picture of this form, and nothing else.
result<void> check_picture(const sequence& s, const picture_form& form);

/// An evenly grey one, to warm up with.
sequence grey_picture(const picture_form& form, std::size_t image_tokens);

} // namespace chalkstream::models::vision
