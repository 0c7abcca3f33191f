# A person's data files as they lie on the disk, and the rows of CSV and TSV. Needs no LibTorch.
include_guard(GLOBAL)
find_package(ZLIB REQUIRED)
chalk_library(data_files SOURCES
  ${CMAKE_CURRENT_LIST_DIR}/tools/training/data_file.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/training/delimited_text.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/training/images/inflate.cpp
  PUBLIC core PRIVATE ZLIB::ZLIB)
