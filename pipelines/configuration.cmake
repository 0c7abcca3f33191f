# The configuration file as validated values. Needs no LibTorch and no broker, so that its tests need none.
include_guard(GLOBAL)
find_package(yaml-cpp REQUIRED)
include(${CMAKE_CURRENT_LIST_DIR}/remote.cmake)
chalk_library(configuration SOURCES
  ${CMAKE_CURRENT_LIST_DIR}/configuration.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration_devices.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration_images.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration_kinds.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration_monitoring.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration_overrides.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration_remote.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration_rules.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration_scaling.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration_clips.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration_text.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration_section.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration_units.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration_writing.cpp
  ${CMAKE_CURRENT_LIST_DIR}/exported_directory.cpp
  ${CMAKE_CURRENT_LIST_DIR}/prompt_template.cpp
  ${CMAKE_CURRENT_LIST_DIR}/rendered_chart.cpp
  ${CMAKE_CURRENT_LIST_DIR}/scaling_manifests.cpp
  ${CMAKE_CURRENT_LIST_DIR}/scaling_rules.cpp
  ${CMAKE_CURRENT_LIST_DIR}/spelling.cpp
  ${CMAKE_CURRENT_LIST_DIR}/yaml_tree.cpp
  PUBLIC core monitoring remote PRIVATE yaml-cpp)
