# Finds CAF: Debian's 0.17.6, which ships no CMake package, or upstream's 1.x under CAF_ROOT.
# Defines CAF::core, the name 1.x exports itself.
if(CAF_ROOT)
  find_package(CAF CONFIG QUIET COMPONENTS core PATHS "${CAF_ROOT}" NO_DEFAULT_PATH)
endif()
if(NOT TARGET CAF::core)
  find_path(CAF_INCLUDE_DIR caf/actor_system.hpp HINTS "${CAF_ROOT}/include")
  find_library(CAF_CORE_LIBRARY caf_core HINTS "${CAF_ROOT}/lib")
  include(FindPackageHandleStandardArgs)
  find_package_handle_standard_args(CAF REQUIRED_VARS CAF_CORE_LIBRARY CAF_INCLUDE_DIR)
  if(CAF_FOUND)
    add_library(CAF::core UNKNOWN IMPORTED)
    set_target_properties(CAF::core PROPERTIES
      IMPORTED_LOCATION "${CAF_CORE_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${CAF_INCLUDE_DIR}")
  endif()
endif()
if(TARGET CAF::core)
  find_library(CAF_TEST_LIBRARY caf_test HINTS "${CAF_ROOT}/lib")
endif()
