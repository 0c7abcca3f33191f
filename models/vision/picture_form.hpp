// The pictures that a model takes: of one size, or none larger than that.
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
  /// Of each its own, with no more pixels and no side of more than twice the longer one.
  bool own_sizes = false;
};

/// invalid_argument unless the sequence is a picture of this form, and nothing else.
result<void> check_picture(const sequence& s, const picture_form& form);

/// An evenly grey one, to warm up with.
sequence grey_picture(const picture_form& form, std::size_t image_tokens);

} // namespace chalkstream::models::vision
