#include "pipelines/tools/evaluation/mistakes.hpp"

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::size_t shown = 20;

} // namespace

void mistakes::add(std::string_view file, std::size_t line, std::string_view what) {
  if (++count_ > shown)
    return;
  if (!text_.empty())
    text_ += '\n';
  text_.append(file).append(":").append(std::to_string(line)).append(": ").append(what);
}

error mistakes::as_error() const {
  auto text = text_;
  if (count_ > shown)
    text.append("\nand ").append(std::to_string(count_ - shown)).append(" more like these");
  return {errc::corrupt, std::move(text)};
}

} // namespace chalkstream::pipelines::tools
