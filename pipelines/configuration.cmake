# The configuration file as validated values. Needs no LibTorch and no broker, so that its tests need none.
include_guard(GLOBAL)
find_package(yaml-cpp REQUIRED)
include(${CMAKE_CURRENT_LIST_DIR}/remote.cmake)
chalk_library(configuration SOURCES
  ${CMAKE_CURRENT_LIST_DIR}/configuration/config_file.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/configuration.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/devices.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/images.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/kafka.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/kinds.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/models.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/monitoring.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/overrides.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/pipelines.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/remote.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/rules.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/scaling.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/clips.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/text.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/section.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/units.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/writing.cpp
  ${CMAKE_CURRENT_LIST_DIR}/exported_directory.cpp
  ${CMAKE_CURRENT_LIST_DIR}/prompt_template.cpp
  ${CMAKE_CURRENT_LIST_DIR}/scaling/rendered_chart.cpp
  ${CMAKE_CURRENT_LIST_DIR}/scaling/manifests.cpp
  ${CMAKE_CURRENT_LIST_DIR}/scaling/rules.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/spelling.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration/yaml_tree.cpp
  PUBLIC core monitoring remote PRIVATE yaml-cpp)
