#include <png.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "models/image/codecs.hpp"
#include "models/image/jump_guard.hpp"
#include "models/image/orientation.hpp"
#include "models/image/pixels.hpp"

namespace chalkstream::image {
namespace {

struct png_session {
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::jmp_buf back;
  char reason[128] = "";
  bool late = false;
  bool large = false;
  file_bytes rest; // of the file
  allowance* costs = nullptr;
  std::uint8_t* pixels = nullptr; // of the picture
  std::uint8_t* rows = nullptr;   // with alpha: one, or all of an interlaced image

  ~png_session() { png_destroy_read_struct(&png, &info, nullptr); } // takes null
};

[[noreturn]] void fail(png_structp png, png_const_charp reason) {
  auto& session = *static_cast<png_session*>(png_get_error_ptr(png));
  std::strncpy(session.reason, reason, sizeof session.reason - 1);
  std::longjmp(session.back, 1);
}

void silent(png_structp, png_const_charp) {}

// The library's memory is counted, zlib's included; each block knows its size.
constexpr std::size_t block_head = alignof(std::max_align_t);

png_voidp counted_block(png_structp png, png_alloc_size_t bytes) {
  auto& session = *static_cast<png_session*>(png_get_mem_ptr(png));
  if (bytes > session.costs->left() || block_head > session.costs->left() - bytes) {
    session.large = true;
    return nullptr;
  }
  auto* block = static_cast<std::byte*>(std::malloc(bytes + block_head));
  if (block == nullptr)
    return nullptr;
  if (!session.costs->take(bytes + block_head)) // it was asked above
    return nullptr;
  const std::size_t taken = bytes + block_head;
  std::memcpy(block, &taken, sizeof taken);
  return block + block_head;
}

void free_block(png_structp png, png_voidp block) {
  if (block == nullptr)
    return;
  auto* begin = static_cast<std::byte*>(block) - block_head;
  std::size_t taken = 0;
  std::memcpy(&taken, begin, sizeof taken);
  static_cast<png_session*>(png_get_mem_ptr(png))->costs->give_back(taken);
  std::free(begin);
}

void read_bytes(png_structp png, png_bytep to, std::size_t bytes) {
  auto& session = *static_cast<png_session*>(png_get_io_ptr(png));
  if (bytes > session.rest.size())
    png_error(png, "it is cut off");
  std::memcpy(to, session.rest.data(), bytes);
  session.rest = session.rest.subspan(bytes);
}

void read_header(png_session& session) {
  const auto limit = static_cast<png_uint_32>(0x7fffffff); // pixels are counted by decode_limits
  png_set_user_limits(session.png, limit, limit);
  png_set_crc_action(session.png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  // Texts, colour profiles and what is private say nothing about pixels of 8 bits.
  png_set_keep_unknown_chunks(session.png, PNG_HANDLE_CHUNK_NEVER, nullptr, 0);
  static const png_byte unread[] =
      "tEXt\0zTXt\0iTXt\0iCCP\0sPLT\0hIST\0pCAL\0sCAL\0tIME\0bKGD\0cHRM\0gAMA\0sRGB\0sBIT";
  png_set_keep_unknown_chunks(session.png, PNG_HANDLE_CHUNK_NEVER, unread, static_cast<int>(sizeof unread / 5));
  png_set_read_fn(session.png, &session, read_bytes);
  png_read_info(session.png, session.info);
}

void start_rows(png_session& session) { // rows are allocated here
  png_set_expand(session.png);
  png_set_strip_16(session.png);
  png_set_gray_to_rgb(session.png);
  png_set_interlace_handling(session.png);
  png_read_update_info(session.png, session.info);
}

void next_row(png_session& session, std::uint8_t* row) {
  session.late = session.costs->over_time();
  if (session.late)
    std::longjmp(session.back, 1);
  png_read_row(session.png, row, nullptr);
}

void read_rows(png_session& session) {
  const std::size_t width = png_get_image_width(session.png, session.info);
  const std::size_t height = png_get_image_height(session.png, session.info);
  const std::size_t channels = png_get_channels(session.png, session.info);
  const bool interlaced = png_get_interlace_type(session.png, session.info) != PNG_INTERLACE_NONE;
  const int passes = interlaced ? PNG_INTERLACE_ADAM7_PASSES : 1;
  for (int pass = 1; pass <= passes; ++pass)
    for (std::size_t y = 0; y < height; ++y) {
      std::uint8_t* out = session.pixels + y * width * 3;
      std::uint8_t* row = channels == 3 ? out : session.rows + (interlaced ? y * width * 4 : 0);
      next_row(session, row);
      for (std::size_t x = 0; x < width && channels == 4 && pass == passes; ++x)
        rgba_over_white(row + x * 4, out + x * 3);
    }
  png_read_end(session.png, session.info);
}

error failure(png_session& session) {
  if (session.late)
    return session.costs->in_time().error();
  if (session.large)
    return session.costs->take(session.costs->left() + 1).error();
  return corrupt(session.reason[0] == '\0' ? "it cannot be read" : session.reason);
}

unsigned orientation_of(png_session& session) {
  png_bytep block = nullptr;
  png_uint_32 size = 0;
  if (png_get_eXIf_1(session.png, session.info, &size, &block) == 0)
    return 1;
  return exif_orientation({reinterpret_cast<const std::byte*>(block), size});
}

} // namespace

result<page> decode_png(file_bytes file, allowance& costs) {
  png_session session;
  session.rest = file;
  session.costs = &costs;
  session.png =
      png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &session, fail, silent, &session, counted_block, free_block);
  session.info = session.png == nullptr ? nullptr : png_create_info_struct(session.png);
  if (session.info == nullptr || !ends_well(session, read_header))
    return failure(session);
  const std::size_t width = png_get_image_width(session.png, session.info);
  const std::size_t height = png_get_image_height(session.png, session.info);
  CHALK_TRY(auto made, costs.blank(width, height));
  if (!ends_well(session, start_rows))
    return failure(session);
  const bool alpha = png_get_channels(session.png, session.info) == 4;
  const bool whole = png_get_interlace_type(session.png, session.info) != PNG_INTERLACE_NONE;
  const std::size_t bytes = alpha ? width * 4 * (whole ? height : 1) : 0;
  CHALK_TRY(const auto scratch, taken_bytes::from(costs, bytes));
  std::vector<std::uint8_t> rows(bytes);
  session.pixels = made.values.data();
  session.rows = rows.data();
  if (!ends_well(session, read_rows))
    return failure(session);
  return page{std::move(made), orientation_of(session)};
}

} // namespace chalkstream::image
