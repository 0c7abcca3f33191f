# The real logger behind core's port.
include_guard(GLOBAL)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
chalk_library(console_log SOURCES ${CMAKE_CURRENT_LIST_DIR}/console_log.cpp
  PUBLIC core PRIVATE spdlog::spdlog nlohmann_json::nlohmann_json)
