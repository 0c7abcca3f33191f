# What a person sees while the program works: progress, tables, the live view. No third-party library.
include_guard(GLOBAL)
chalk_library(terminal SOURCES
  ${CMAKE_CURRENT_LIST_DIR}/live_view.cpp
  ${CMAKE_CURRENT_LIST_DIR}/progress.cpp
  ${CMAKE_CURRENT_LIST_DIR}/text_table.cpp
  ${CMAKE_CURRENT_LIST_DIR}/top_view.cpp
  PUBLIC core monitoring)
