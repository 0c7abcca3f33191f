# Functions and line numbers for backtraces, without the locals, which cost a fifth of the compile time:
# -DCMAKE_BUILD_TYPE=Debug has them.
add_compile_options($<$<CONFIG:RelWithDebInfo>:-g1>)

# What every target of the project shares: warnings, sanitizers, include root.
add_library(chalk_options INTERFACE)
target_include_directories(chalk_options INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(chalk_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -fno-omit-frame-pointer -fstack-protector-strong -D_GLIBCXX_ASSERTIONS)
target_link_libraries(chalk_options INTERFACE Threads::Threads)

if(SANITIZE STREQUAL "address")
  # g++ 12 takes what the sanitizers put between a value and its use for a use before it is set (PR 105562).
  target_compile_options(chalk_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=undefined -Wno-maybe-uninitialized)
  target_link_options(chalk_options INTERFACE -fsanitize=address,undefined)
elseif(SANITIZE STREQUAL "thread")
  target_compile_options(chalk_options INTERFACE -fsanitize=thread -Wno-tsan) # CAF 0.17 uses fences, which it does not see
  target_link_options(chalk_options INTERFACE -fsanitize=thread)
elseif(SANITIZE)
  message(FATAL_ERROR "SANITIZE is '${SANITIZE}'; it may be 'address', 'thread' or empty")
endif()

# What half of all files include of the standard library, read once; it belongs to a target that compiles one file.
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/standard_headers.cpp" CONTENT "")
add_library(standard_headers OBJECT "${CMAKE_BINARY_DIR}/standard_headers.cpp")
target_link_libraries(standard_headers PRIVATE chalk_options)
target_precompile_headers(standard_headers PRIVATE
  <algorithm> <array> <charconv> <chrono> <cmath> <filesystem> <functional> <map> <memory> <numeric> <optional> <span>
  <string> <string_view> <thread> <unordered_map> <variant> <vector>)

# g++ 12 forgets of what it has read once that it is the system's, and then warns of what it cannot follow inside of
# std::string (PR 105329 and its like): these are for builds with -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON.
function(chalk_standard_headers name)
  target_precompile_headers(${name} REUSE_FROM standard_headers)
  if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    target_compile_options(${name} PRIVATE -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
endfunction()

# Code that runs once, or waits for people: a quarter less to compile, and nobody sees it run.
set(chalk_unhurried_flags -O1)

# chalk_library(NAME SOURCES a.cpp … PUBLIC lib … PRIVATE lib … HEADERS <header> …): one folder of DESIGN's table as one
# static library. HEADERS: what nearly all of its sources include and costs seconds, instead of the standard library's.
function(chalk_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE;HEADERS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  if(arg_HEADERS)
    target_precompile_headers(${name} PRIVATE ${arg_HEADERS})
  else()
    chalk_standard_headers(${name})
  endif()
  target_link_libraries(${name} PUBLIC chalk_options ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
endfunction()

set(chalk_test_flags -O0 -g1)

# chalk_test(NAME SOURCES a_test.cpp … LIBS lib … LABELS label … HEADERS <header> …): one GoogleTest program, one CTest
# entry. HEADERS: others beside GoogleTest's that nearly all of its sources include and that cost seconds.
# Labels in use: unit (no broker, no network), broker (a real Kafka), system (the finished program).
# The tests' own code is compiled without optimisation and with GoogleTest's headers read once, in less than half the
# time; what they test is compiled as it is shipped.
function(chalk_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LIBS;LABELS;HEADERS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_compile_options(${name} PRIVATE ${chalk_test_flags})
  if(arg_HEADERS)
    target_precompile_headers(${name} PRIVATE <gmock/gmock.h> <gtest/gtest.h> ${arg_HEADERS})
  else()
    target_precompile_headers(${name} REUSE_FROM test_headers)
  endif()
  target_link_libraries(${name} PRIVATE chalk_options ${arg_LIBS} GTest::gtest GTest::gmock)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
endfunction()
