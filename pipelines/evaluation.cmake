# `chalkstream eval` but for its command line. Needs no LibTorch and no broker, so that its tests need none.
include_guard(GLOBAL)
find_package(simdjson REQUIRED)
chalk_library(evaluation SOURCES
  ${CMAKE_CURRENT_LIST_DIR}/tools/evaluation/drawing.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/evaluation/evaluation.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/evaluation/evaluation_json.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/evaluation/evaluation_page.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/evaluation/joined_rows.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/evaluation/markup.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/evaluation/mistakes.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/evaluation/pictures.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/evaluation/value_lines.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/json_fields.cpp
  PUBLIC core education PRIVATE simdjson::simdjson)
