#include "pipelines/tools/training/written_texts.hpp"

#include <algorithm>
#include <memory>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::size_t most_at_once = 64;

struct open_text {
  std::size_t prompt;
  std::unique_ptr<writing> text;
};

} // namespace

result<std::vector<std::vector<std::int32_t>>>
write_greedily(const model& by, std::span<const std::vector<std::int32_t>* const> prompts, std::size_t longest,
               const std::function<void(double)>& done) {
  generation_settings settings;
  settings.max_new_tokens = longest;
  settings.beams = 1;
  settings.sample = false;
  const auto wanted = std::make_shared<const generation_settings>(settings);
  std::vector<std::vector<std::int32_t>> written(prompts.size());
  std::vector<open_text> open;
  std::size_t next = 0;
  while (next < prompts.size() || !open.empty()) {
    while (next < prompts.size() && open.size() < most_at_once) {
      CHALK_TRY(auto begun, by.begin({*prompts[next], {}, wanted}));
      if (begun == nullptr && open.empty())
        return error{errc::out_of_memory, "there is no room to write a single text"};
      if (begun == nullptr)
        break;
      open.push_back({next++, std::move(begun)});
    }
    std::vector<writing*> batch;
    batch.reserve(open.size());
    for (const auto& one : open)
      batch.push_back(one.text.get());
    CHALK_CHECK(by.step(batch));
    for (auto& one : open)
      if (one.text->finished())
        written[one.prompt] = one.text->take().ids;
    std::erase_if(open, [](const open_text& one) { return one.text->finished(); });
    done(static_cast<double>(next - open.size()) / static_cast<double>(prompts.size()));
  }
  return written;
}

} // namespace chalkstream::pipelines::tools
