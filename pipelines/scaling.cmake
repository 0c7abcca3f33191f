# `chalkstream autoscale simulate` but for its command line. Needs no LibTorch and no broker, so that its tests need none.
include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/configuration.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/data_files.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/evaluation.cmake")
chalk_library(scaling SOURCES
  ${CMAKE_CURRENT_LIST_DIR}/tools/scaling/arrival_trace.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/scaling/comparison.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/scaling/comparison_json.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/scaling/comparison_page.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/scaling/oulad_trace.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/scaling/scaling_picture.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/scaling/scaling_rivals.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/scaling/scraped_metrics.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/scaling/simulated_service.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/scaling/simulation.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tools/scaling/trace_file.cpp
  PUBLIC core configuration evaluation PRIVATE data_files education)
