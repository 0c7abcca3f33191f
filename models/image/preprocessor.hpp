// What an image model sees of a picture, as its preprocessor_config.json says.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/image/picture_size.hpp"

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace chalkstream::image {

class preprocessor {
public:
  /// From preprocessor_config.json, or processor_config.json's image_processor. An unknown processor, key of
  /// consequence or value is an error that names it.
  static result<preprocessor> read(const std::filesystem::path& directory);

  /// Resized, cropped and padded as configured, by Pillow's own arithmetic, still 8 bits a channel.
  result<picture> prepare(const picture& rgb) const;

  /// What prepare() gives to every picture; none if it depends on the picture.
  std::optional<picture_size> size() const;
  /// No picture that prepare() gives has more pixels than one of this size; none if there is no bound. Where they are
  /// of one size, that.
  std::optional<picture_size> largest() const;
  /// Whether pictures are filled up to a size.
  bool pads() const;
  /// 3, or 1 for models of grey images.
  std::size_t channels() const;

  /// What each of a channel's 256 byte values is to the model: rescaled and normalised.
  std::span<const float, 256> values(std::size_t channel) const;

private:
  struct settings; // preprocessor.cpp
  std::shared_ptr<const settings> settings_;
};

} // namespace chalkstream::image
