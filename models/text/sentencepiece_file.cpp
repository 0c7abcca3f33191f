#include "models/text/sentencepiece_file.hpp"

#include <cmath>
#include <unordered_set>

#include "models/text/byte_alphabet.hpp"
#include "models/text/protobuf.hpp"
#include "models/text/utf8.hpp"

namespace chalkstream::text {

namespace {

using field = protobuf_reader::field;
using kind = field::kind;
using piece_kind = sentencepiece_file::piece_kind;

constexpr std::size_t max_pieces = std::size_t{1} << 23;

/// Calls `each` (field) for the fields of a message.
template <class Each>
result<void> read_fields(std::string_view message, const std::string& where, const Each& each) {
  protobuf_reader reader(message);
  for (;;) {
    auto next = reader.next();
    if (!next)
      return error{next.error().code, where + " " + next.error().message};
    if (!*next)
      return {};
    CHALK_CHECK(each(**next));
  }
}

result<void> expect(const field& its, kind meant, const std::string& name) {
  if (its.what != meant)
    return error{errc::corrupt, name + " is of another kind than it should be"};
  return {};
}

result<sentencepiece_file::piece> read_piece(std::string_view message, std::size_t id) {
  const std::string where = "piece " + std::to_string(id);
  sentencepiece_file::piece made;
  CHALK_CHECK(read_fields(message, where, [&](const field& its) -> result<void> {
    if (its.number == 1) {
      CHALK_CHECK(expect(its, kind::bytes, where));
      made.text = its.bytes;
    } else if (its.number == 2) {
      CHALK_CHECK(expect(its, kind::fixed32, where + "'s score"));
      made.score = its.as_float();
    } else if (its.number == 3) {
      CHALK_CHECK(expect(its, kind::varint, where + "'s type"));
      if (its.value < 1 || its.value > 6)
        return error{errc::unsupported, where + " has type " + std::to_string(its.value)
                                            + ", which this build does "
                                              "not know"};
      made.kind = static_cast<piece_kind>(its.value);
    }
    return {};
  }));
  if (made.text.empty() || !is_valid_utf8(made.text))
    return {errc::corrupt, where + (made.text.empty() ? " is empty" : " is not valid UTF-8")};
  if (!std::isfinite(made.score))
    return {errc::corrupt, where + "'s score is not a number"};
  return made;
}

result<void> read_trainer(std::string_view message, sentencepiece_file& out) {
  return read_fields(message, "trainer_spec", [&](const field& its) -> result<void> {
    if (its.number != 3 && its.number != 24 && its.number != 35)
      return {}; // what only training used
    CHALK_CHECK(expect(its, kind::varint, "a field of trainer_spec"));
    if (its.number == 24)
      out.whitespace_as_suffix = its.flag();
    else if (its.number == 35)
      out.byte_fallback = its.flag();
    else if (its.value == 1 || its.value == 2)
      out.model = static_cast<sentencepiece_file::algorithm>(its.value);
    else
      return error{errc::unsupported, "model_type " + std::to_string(its.value)
                                          + " is not known to this build (1, unigram, and 2, BPE, are)"};
    return {};
  });
}

result<void> read_normalizer(std::string_view message, sentencepiece_file& out) {
  return read_fields(message, "normalizer_spec", [&](const field& its) -> result<void> {
    if (its.number == 2) {
      CHALK_CHECK(expect(its, kind::bytes, "precompiled_charsmap"));
      if (its.bytes.empty())
        return {};
      CHALK_TRY(charsmap map, charsmap::parse(its.bytes));
      out.map = std::make_shared<const charsmap>(std::move(map));
    } else if (its.number >= 3 && its.number <= 5) {
      CHALK_CHECK(expect(its, kind::varint, "a field of normalizer_spec"));
      bool& flag = its.number == 3   ? out.dummy_prefix
                   : its.number == 4 ? out.remove_extra_whitespaces
                                     : out.escape_whitespaces;
      flag = its.flag();
    }
    return {};
  });
}

result<void> refuse_denormalizer(std::string_view message) {
  return read_fields(message, "denormalizer_spec", [](const field& its) -> result<void> {
    if (its.number == 2 && its.what == kind::bytes && !its.bytes.empty())
      return error{errc::unsupported, "denormalizer_spec has rules, which this build does not know"};
    return {};
  });
}

/// What the pieces must be together.
result<void> check(sentencepiece_file& all) {
  std::unordered_set<std::string_view> seen;
  std::size_t unknown = 0;
  std::array<bool, 256> bytes{};
  for (std::size_t id = 0; id < all.pieces.size(); ++id) {
    const sentencepiece_file::piece& its = all.pieces[id];
    if (!seen.insert(its.text).second)
      return error{errc::corrupt, "piece " + std::to_string(id) + " is there twice: " + its.text};
    if (its.kind == piece_kind::unknown) {
      all.unknown = id;
      ++unknown;
    }
    if (its.kind != piece_kind::byte)
      continue;
    const auto byte = token_byte(its.text);
    if (!byte)
      return error{errc::corrupt, "piece " + std::to_string(id) + " should be a byte, but is " + its.text};
    bytes[*byte] = true;
  }
  if (unknown != 1)
    return error{errc::corrupt, std::to_string(unknown) + " pieces stand for the unknown, not one"};
  if (all.byte_fallback)
    for (std::size_t byte = 0; byte < bytes.size(); ++byte)
      if (!bytes[byte])
        return error{errc::corrupt,
                     "byte_fallback without the piece " + byte_token(static_cast<unsigned char>(byte))};
  return {};
}

} // namespace

result<sentencepiece_file> read_sentencepiece_file(std::string_view bytes) {
  sentencepiece_file made;
  CHALK_CHECK(read_fields(bytes, "the file", [&](const field& its) -> result<void> {
    if (its.number < 1 || its.number > 5 || its.number == 4)
      return {}; // test data and extensions
    CHALK_CHECK(expect(its, kind::bytes, "field " + std::to_string(its.number)));
    if (its.number == 2)
      return read_trainer(its.bytes, made);
    if (its.number == 3)
      return read_normalizer(its.bytes, made);
    if (its.number == 5)
      return refuse_denormalizer(its.bytes);
    if (made.pieces.size() == max_pieces)
      return error{errc::unsupported, "more than " + std::to_string(max_pieces) + " pieces"};
    CHALK_TRY(auto piece, read_piece(its.bytes, made.pieces.size()));
    made.pieces.push_back(std::move(piece));
    return {};
  }));
  if (made.pieces.empty())
    return {errc::corrupt, "the file has no pieces"};
  CHALK_CHECK(check(made));
  return made;
}

} // namespace chalkstream::text
