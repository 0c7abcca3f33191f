#include <cstdio>
#include <cstdlib>

#include <jerror.h>
#include <jpeglib.h>

#include <cstring>

#include "models/image/codecs.hpp"
#include "models/image/jump_guard.hpp"
#include "models/image/orientation.hpp"
#include "models/image/pixels.hpp"

namespace chalkstream::image {
namespace {

// The library's own texts say "Premature end of input file" and the like.
struct jpeg_session {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  jpeg_source_mgr source{};
  jpeg_progress_mgr progress{};
  std::jmp_buf back;
  char reason[JMSG_LENGTH_MAX] = "";
  bool late = false;
  file_bytes file;
  allowance* costs = nullptr;
  std::uint8_t* pixels = nullptr; // of the picture
  std::uint8_t* row = nullptr;    // of one row as the file has it

  ~jpeg_session() { jpeg_destroy_decompress(&info); } // does nothing if it was not made
};

jpeg_session& session_of(void* info) {
  return *static_cast<jpeg_session*>(static_cast<j_common_ptr>(info)->client_data);
}

[[noreturn]] void fail(j_common_ptr info) {
  auto& session = session_of(info);
  info->err->format_message(info, session.reason);
  std::longjmp(session.back, 1);
}

// A warning here means that pixels were made up. Others are about harmless oddities.
bool made_up(int code) {
  return code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_MUST_RESYNC
         || code == JWRN_JPEG_EOF || code == JWRN_BOGUS_PROGRESSION;
}

void heard(j_common_ptr info, int level) {
  if (level < 0 && made_up(info->err->msg_code))
    fail(info);
}

void silent(j_common_ptr) {}
void nothing(j_decompress_ptr) {}

boolean at_end(j_decompress_ptr info) {
  ERREXIT(info, JERR_INPUT_EOF);
  return FALSE;
}

void skip(j_decompress_ptr info, long bytes) {
  if (bytes <= 0)
    return;
  if (static_cast<std::size_t>(bytes) > info->src->bytes_in_buffer)
    ERREXIT(info, JERR_INPUT_EOF);
  info->src->next_input_byte += bytes;
  info->src->bytes_in_buffer -= static_cast<std::size_t>(bytes);
}

void between_rows(j_common_ptr info) {
  auto& session = session_of(info);
  session.late = session.costs->over_time();
  if (session.late)
    std::longjmp(session.back, 1);
}

void read_header(jpeg_session& session) {
  auto& info = session.info;
  info.err = jpeg_std_error(&session.errors);
  session.errors.error_exit = fail;
  session.errors.emit_message = heard;
  session.errors.output_message = silent;
  info.client_data = &session;
  jpeg_create_decompress(&info);
  session.source.init_source = nothing;
  session.source.term_source = nothing;
  session.source.fill_input_buffer = at_end;
  session.source.skip_input_data = skip;
  session.source.resync_to_restart = jpeg_resync_to_restart;
  session.source.next_input_byte = reinterpret_cast<const JOCTET*>(session.file.data());
  session.source.bytes_in_buffer = session.file.size();
  info.src = &session.source;
  session.progress.progress_monitor = between_rows;
  info.progress = &session.progress;
  jpeg_save_markers(&info, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(&info, TRUE);
  if (info.num_components == 1)
    info.out_color_space = JCS_GRAYSCALE;
  else if (info.num_components == 3)
    info.out_color_space = JCS_RGB;
  else if (info.num_components == 4)
    info.out_color_space = JCS_CMYK;
  else
    ERREXIT2(&info, JERR_BAD_COMPONENT_ID, info.num_components, 0);
}

void read_rows(jpeg_session& session) {
  auto& info = session.info;
  info.mem->max_memory_to_use = static_cast<long>(session.costs->left());
  jpeg_start_decompress(&info);
  std::uint8_t* out = session.pixels;
  for (; info.output_scanline < info.output_height; out += std::size_t{3} * info.output_width) {
    const bool direct = info.out_color_components == 3;
    JSAMPROW row = direct ? out : session.row;
    jpeg_read_scanlines(&info, &row, 1);
    for (std::size_t x = 0; x < info.output_width && !direct; ++x)
      if (info.out_color_components == 1) {
        std::memset(out + x * 3, row[x], 3);
      } else { // Adobe's programs write inks upside down, and everybody reads them so
        const std::uint8_t inks[4] = {static_cast<std::uint8_t>(~row[x * 4]), static_cast<std::uint8_t>(~row[x * 4 + 1]),
                                      static_cast<std::uint8_t>(~row[x * 4 + 2]),
                                      static_cast<std::uint8_t>(~row[x * 4 + 3])};
        cmyk_to_rgb(inks, out + x * 3);
      }
  }
}

// What the library keeps of an image that comes in more than one scan: all coefficients.
std::size_t coefficient_bytes(jpeg_decompress_struct& info) {
  if (!jpeg_has_multiple_scans(&info))
    return 0;
  std::size_t blocks = 0;
  for (int c = 0; c < info.num_components; ++c) {
    const auto& component = info.comp_info[c];
    blocks += (std::size_t{component.width_in_blocks} + static_cast<std::size_t>(component.h_samp_factor))
              * (std::size_t{component.height_in_blocks} + static_cast<std::size_t>(component.v_samp_factor));
  }
  return blocks * sizeof(JBLOCK);
}

unsigned orientation_of(const jpeg_decompress_struct& info) {
  for (auto* marker = info.marker_list; marker != nullptr; marker = marker->next)
    if (marker->data_length > 6 && std::memcmp(marker->data, "Exif\0\0", 6) == 0)
      return exif_orientation({reinterpret_cast<const std::byte*>(marker->data), marker->data_length});
  return 1;
}

error failure(const jpeg_session& session) {
  if (session.late)
    return session.costs->in_time().error();
  if (session.errors.msg_code == JERR_OUT_OF_MEMORY || session.errors.msg_code == JERR_NO_BACKING_STORE)
    return session.costs->take(session.costs->left() + 1).error();
  return corrupt(session.reason);
}

} // namespace

result<page> decode_jpeg(file_bytes file, allowance& costs) {
  CHALK_TRY(const auto markers, taken_bytes::from(costs, file.size())); // at most: the markers kept
  jpeg_session session;
  session.file = file;
  session.costs = &costs;
  if (!ends_well(session, read_header))
    return failure(session);
  const auto& info = session.info;
  CHALK_TRY(auto made, costs.blank(info.image_width, info.image_height));
  CHALK_TRY(const auto coefficients, taken_bytes::from(costs, coefficient_bytes(session.info)));
  // Windows of some rows at each stage, of every component.
  CHALK_TRY(const auto windows, taken_bytes::from(costs, std::size_t{64} * 4 * info.image_width));
  std::vector<std::uint8_t> row(std::size_t{4} * info.image_width);
  session.pixels = made.values.data();
  session.row = row.data();
  if (!ends_well(session, read_rows))
    return failure(session);
  return page{std::move(made), orientation_of(info)};
}

} // namespace chalkstream::image
