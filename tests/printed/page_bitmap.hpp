// The pages of goldens/ as pictures; goldens/make_pages.py printed them.
#pragma once

#include "core/model.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <string>

namespace chalkstream::printed {

/// A portable bitmap (P4): a bit a pixel, 1 is black.
inline picture page_bitmap(const std::string& name, std::size_t channels = 3) {
  std::ifstream in("tests/printed/goldens/" + name + ".pbm", std::ios::binary);
  std::string magic;
  picture page;
  in >> magic >> page.width >> page.height;
  EXPECT_EQ(magic, "P4");
  in.get();
  page.channels = channels;
  std::string row((page.width + 7) / 8, '\0');
  for (std::size_t y = 0; y < page.height && in.read(row.data(), static_cast<std::streamsize>(row.size())); ++y)
    for (std::size_t x = 0; x < page.width; ++x)
      page.values.insert(page.values.end(), channels, (row[x / 8] >> (7 - x % 8) & 1) != 0 ? 0 : 255);
  EXPECT_EQ(page.values.size(), page.width * page.height * channels);
  return page;
}

} // namespace chalkstream::printed
