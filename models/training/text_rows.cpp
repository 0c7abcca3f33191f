#include "models/training/text_rows.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

namespace chalkstream::models::training {

struct text_rows::parts {
  at::Tensor ids, places;
  std::int64_t texts = 0;
  std::int64_t longest = 0;
  at::Tensor hidden;
  // Undefined where all texts are of one length.
  at::Tensor row_of_place; // [texts * longest]
  at::Tensor place_of_row; // [rows]
};

text_rows::text_rows(std::span<const std::vector<std::int64_t>> texts, const c10::Device& where)
    : parts_(std::make_unique<parts>()) {
  auto& p = *parts_;
  p.texts = static_cast<std::int64_t>(texts.size());
  std::vector<std::int64_t> ids, places, row_of_place, place_of_row;
  for (const auto& text : texts)
    p.longest = std::max(p.longest, static_cast<std::int64_t>(text.size()));
  for (std::size_t t = 0; t < texts.size(); ++t) {
    const auto first = static_cast<std::int64_t>(ids.size());
    const auto length = static_cast<std::int64_t>(texts[t].size());
    ids.insert(ids.end(), texts[t].begin(), texts[t].end());
    for (std::int64_t i = 0; i < p.longest; ++i) {
      row_of_place.push_back(first + std::min(i, length - 1));
      if (i >= length)
        continue;
      places.push_back(i);
      place_of_row.push_back(static_cast<std::int64_t>(t) * p.longest + i);
    }
  }
  const auto upload = [&](const std::vector<std::int64_t>& numbers) {
    return at::tensor(numbers, at::kLong).to(where);
  };
  p.ids = upload(ids);
  p.places = upload(places);
  if (row_of_place.size() == ids.size())
    return;
  p.row_of_place = upload(row_of_place);
  p.place_of_row = upload(place_of_row);
  p.hidden = at::full({p.texts * p.longest}, -std::numeric_limits<float>::infinity(), at::kFloat)
                 .to(where)
                 .index_fill_(0, p.place_of_row, 0)
                 .view({p.texts, 1, 1, p.longest});
}

text_rows::~text_rows() = default;

const at::Tensor& text_rows::ids() const noexcept {
  return parts_->ids;
}

const at::Tensor& text_rows::places() const noexcept {
  return parts_->places;
}

std::int64_t text_rows::texts() const noexcept {
  return parts_->texts;
}

std::int64_t text_rows::longest() const noexcept {
  return parts_->longest;
}

const at::Tensor& text_rows::hidden() const noexcept {
  return parts_->hidden;
}

at::Tensor text_rows::side_by_side(const at::Tensor& rows) const {
  const auto& p = *parts_;
  const auto all = p.row_of_place.defined() ? rows.index_select(0, p.row_of_place) : rows;
  return all.view({p.texts, p.longest, rows.size(1), rows.size(2)}).transpose(1, 2);
}

at::Tensor text_rows::end_to_end(const at::Tensor& texts) const {
  const auto& p = *parts_;
  const auto all = texts.transpose(1, 2).reshape({p.texts * p.longest, texts.size(1) * texts.size(3)});
  return p.place_of_row.defined() ? all.index_select(0, p.place_of_row) : all;
}

} // namespace chalkstream::models::training
