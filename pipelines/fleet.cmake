# Processes that an autoscaler starts and ends. Needs nothing of the engine, so that its tests need none.
include_guard(GLOBAL)
chalk_library(fleet SOURCES
  ${CMAKE_CURRENT_LIST_DIR}/scaling/child_processes.cpp
  ${CMAKE_CURRENT_LIST_DIR}/scaling/systemd_units.cpp
  PUBLIC core)
