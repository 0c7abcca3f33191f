// Changes to pictures that gradients pass through (differentiable augmentation; Zhao et al. 2020): a discriminator
// that sees real and drawn pictures changed alike cannot learn a few real ones by heart, and the generator does not
// learn the changes.
#pragma once

namespace at {
class Tensor;
}

namespace chalkstream::models::training {

/// The most of each; what a picture gets is drawn evenly up to it, in either direction.
struct picture_changes {
  double shift = 0;    // of a side, along each axis
  double rotation = 0; // degrees
  double zoom = 0;     // a share larger or smaller, along each axis
  double shear = 0;    // a row's shift for each row's distance from the middle
  double flip = 0;     // the chance that left and right change places
  /// The chance that a rectangle of half the sides, which may lie partly outside, becomes grey.
  double erase = 0;

  bool moves() const noexcept { return shift > 0 || rotation > 0 || zoom > 0 || shear > 0 || flip > 0; }
};

/// [pictures, channels, height, width] of −1 to 1. Draws from LibTorch's generator of the CPU. Beyond the edge is
/// what is at the edge. Throws what LibTorch throws.
at::Tensor changed(const at::Tensor& pictures, const picture_changes& changes);

} // namespace chalkstream::models::training
