#include "pipelines/tools/training/summary_rows.hpp"

#include "models/repository.hpp"
#include "models/text/tokenizer.hpp"

#include <algorithm>
#include <future>
#include <thread>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::size_t tokens_at_once = 1024;
constexpr std::size_t texts_at_once = 8; // of each thread

} // namespace

result<summary_reader> summary_reader::make(const encoder_settings& settings) {
  if (settings.max_tokens > 0)
    return error{errc::invalid_argument,
                 "--max-tokens does not go with summarize: texts are read as `infer` will read them"};
  models::load_request request;
  request.name = settings.model.filename().string();
  request.directory = settings.model;
  request.device = settings.device;
  CHALK_TRY(auto tokenizer, text::tokenizer::load(settings.model));
  CHALK_TRY(auto loaded, models::load(request, observer::none(), log::none()));
  summary_reader made;
  made.encoder_ = {0, std::move(tokenizer), loaded.compute->identity(), loaded.max_tokens, {}};
  made.compute_ = std::move(loaded.compute);
  made.threads_ = settings.threads > 0 ? settings.threads : std::max(1U, std::thread::hardware_concurrency());
  return made;
}

result<summary_row> summary_reader::read_one(const example_set& set, const text_example& example) const {
  summary_row row;
  row.example = &example;
  auto drafted = draft_summary(encoder_, example.text, "", {}, row.sequences);
  if (!drafted)
    return error{drafted.error().code, set.place(example) + ": " + drafted.error().message};
  row.draft = std::move(*drafted);
  for (std::size_t begin = 0; begin < row.sequences.size();) {
    std::vector<const sequence*> batch;
    for (std::size_t tokens = 0; begin < row.sequences.size(); ++begin) {
      const auto size = row.sequences[begin].ids.size();
      if (!batch.empty() && tokens + size > tokens_at_once)
        break;
      tokens += size;
      batch.push_back(&row.sequences[begin]);
    }
    auto made = compute_->run(batch, nullptr);
    if (!made)
      return error{made.error().code, set.place(example) + ": " + made.error().message};
    row.rows.width = made->width;
    row.rows.values.insert(row.rows.values.end(), made->values.begin(), made->values.end());
  }
  return row;
}

result<void> summary_reader::read(const example_set& set, const std::function<result<void>(summary_row&&)>& take,
                                  const std::function<bool(std::size_t)>& read) const {
  const auto& examples = set.examples;
  for (std::size_t begin = 0; begin < examples.size();) {
    std::vector<std::future<std::vector<result<summary_row>>>> shares;
    for (std::size_t t = 0; t < threads_ && begin < examples.size(); ++t) {
      const auto share = std::span(examples).subspan(begin, std::min(texts_at_once, examples.size() - begin));
      begin += share.size();
      shares.push_back(std::async(std::launch::async, [this, &set, share] {
        std::vector<result<summary_row>> rows;
        for (const auto& example : share)
          rows.push_back(read_one(set, example));
        return rows;
      }));
    }
    for (auto& share : shares)
      for (auto& row : share.get()) {
        CHALK_CHECK(row);
        CHALK_CHECK(take(std::move(*row)));
      }
    if (read(begin))
      return {errc::cancelled, "the run was stopped; nothing has been written"};
  }
  return {};
}

} // namespace chalkstream::pipelines::tools
