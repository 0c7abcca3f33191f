// Texts of a batch end to end, as linear layers have them, and side by side, as attention does: as long as the
// longest.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace at {
class Tensor;
}
namespace c10 {
struct Device;
}

namespace chalkstream::models::training {

class text_rows {
public:
  /// Neither of them empty. Throws what LibTorch throws, as every call here does.
  text_rows(std::span<const std::vector<std::int64_t>> texts, const c10::Device& where);
  ~text_rows();

  /// [rows], on the device.
  const at::Tensor& ids() const noexcept;
  /// Of each row in its text, from 0.
  const at::Tensor& places() const noexcept;

  std::int64_t texts() const noexcept;
  std::int64_t longest() const noexcept;

  /// [rows, heads, width] to [texts, heads, longest, width], and back to [rows, heads * width]. What stands behind a
  /// shorter text is some other row.
  at::Tensor side_by_side(const at::Tensor& rows) const;
  at::Tensor end_to_end(const at::Tensor& texts) const;

  /// Minus infinity for what stands behind a text, [texts, 1, 1, longest]; undefined if nothing does.
  const at::Tensor& hidden() const noexcept;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace chalkstream::models::training
