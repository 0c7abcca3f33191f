# Files of other machines, by https:// and s3://. Needs no LibTorch, so that its tests need none.
include_guard(GLOBAL)
find_package(CURL 7.88 REQUIRED) # the oldest that was tried
chalk_library(remote SOURCES
  ${CMAKE_CURRENT_LIST_DIR}/percent_encoding.cpp
  ${CMAKE_CURRENT_LIST_DIR}/remote/http_client.cpp
  ${CMAKE_CURRENT_LIST_DIR}/remote/public_address.cpp
  ${CMAKE_CURRENT_LIST_DIR}/remote/remote_address.cpp
  ${CMAKE_CURRENT_LIST_DIR}/remote/remote_files.cpp
  ${CMAKE_CURRENT_LIST_DIR}/remote/s3_credentials.cpp
  PUBLIC core PRIVATE CURL::libcurl)
