#include "models/text/piece_numbering.hpp"

#include "models/text/byte_alphabet.hpp"

namespace chalkstream::text {

piece_numbering::piece_numbering(const sentencepiece_file& file, std::vector<std::int32_t> ids)
    : ids_(std::move(ids)), unknown_(static_cast<std::int32_t>(file.unknown)), byte_fallback_(file.byte_fallback) {
  for (std::size_t piece = 0; piece < file.pieces.size(); ++piece)
    if (file.pieces[piece].kind == sentencepiece_file::piece_kind::byte)
      if (const auto byte = token_byte(file.pieces[piece].text))
        bytes_[*byte] = static_cast<std::int32_t>(piece);
}

void piece_numbering::apply(std::string_view word, std::vector<token_piece>& pieces,
                            std::vector<token_piece>& work) const {
  const auto id = [&](std::int32_t piece) { return ids_[static_cast<std::size_t>(piece)]; };
  work.clear();
  bool behind_unknown = false;
  for (const token_piece& each : pieces) {
    const bool unknown = each.id == unknown_;
    if (!unknown) {
      work.push_back({id(each.id), each.begin, each.end});
    } else if (byte_fallback_) {
      for (std::uint32_t k = each.begin; k < each.end; ++k)
        work.push_back(
            {id(bytes_[static_cast<unsigned char>(word[k])]), each.begin, k + 1 == each.end ? each.end : each.begin});
    } else if (behind_unknown) {
      work.back().end = each.end;
    } else {
      work.push_back({id(unknown_), each.begin, each.end});
    }
    behind_unknown = unknown;
  }
  pieces.swap(work);
}

} // namespace chalkstream::text
