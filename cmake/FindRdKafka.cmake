# Finds librdkafka: RDKAFKA=bundled takes the one ./chalk built under CHALK_DEPS (with a run path, so that nothing has to
# be installed), RDKAFKA=system the one of the distribution. Defines RdKafka::rdkafka and RdKafka_VERSION.
if(RDKAFKA STREQUAL "bundled")
  set(search PATHS "${CHALK_DEPS}/librdkafka" NO_DEFAULT_PATH)
elseif(RDKAFKA STREQUAL "system")
  set(search PATHS /usr /usr/local)
else()
  message(FATAL_ERROR "RDKAFKA is '${RDKAFKA}'; it may be 'bundled' or 'system'")
endif()

# Kept apart in the cache, so that one build directory can change its mind.
find_path(RDKAFKA_INCLUDE_DIR_${RDKAFKA} librdkafka/rdkafka.h PATH_SUFFIXES include ${search})
find_library(RDKAFKA_LIBRARY_${RDKAFKA} rdkafka PATH_SUFFIXES lib ${search})
set(RdKafka_INCLUDE_DIR "${RDKAFKA_INCLUDE_DIR_${RDKAFKA}}")
set(RdKafka_LIBRARY "${RDKAFKA_LIBRARY_${RDKAFKA}}")

if(RdKafka_INCLUDE_DIR)
  file(STRINGS "${RdKafka_INCLUDE_DIR}/librdkafka/rdkafka.h" line REGEX "^#define RD_KAFKA_VERSION +0x")
  string(REGEX MATCH "0x([0-9a-f][0-9a-f])([0-9a-f][0-9a-f])([0-9a-f][0-9a-f])" line "${line}")
  math(EXPR major "0x${CMAKE_MATCH_1}")
  math(EXPR minor "0x${CMAKE_MATCH_2}")
  math(EXPR patch "0x${CMAKE_MATCH_3}")
  set(RdKafka_VERSION "${major}.${minor}.${patch}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RdKafka REQUIRED_VARS RdKafka_LIBRARY RdKafka_INCLUDE_DIR
  VERSION_VAR RdKafka_VERSION
  REASON_FAILURE_MESSAGE "'./chalk build' provides it, -DRDKAFKA=system takes Debian's librdkafka-dev")
if(RdKafka_FOUND AND NOT TARGET RdKafka::rdkafka)
  add_library(RdKafka::rdkafka SHARED IMPORTED)
  set_target_properties(RdKafka::rdkafka PROPERTIES
    IMPORTED_LOCATION "${RdKafka_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${RdKafka_INCLUDE_DIR}")
endif()
