# LibTorch's CPU half: the target LibTorch::cpu links libtorch_cpu and libc10 and nothing else, so that a program
# starts fast; models/device.cpp loads the CUDA half when a GPU is asked for.
#
# Looked for in CMAKE_PREFIX_PATH (a LibTorch archive, a distribution's package, or site-packages/torch of a wheel),
# then in the torch wheel that ./chalk puts under CHALK_DEPS. LibTorch 2.6 or later.
file(GLOB chalk_torch_wheel "${CHALK_DEPS}/python/lib/python3*/site-packages/torch")
set(chalk_torch_hints ${CMAKE_PREFIX_PATH} ${chalk_torch_wheel})

find_path(LibTorch_INCLUDE_DIR ATen/ATen.h HINTS ${chalk_torch_hints} PATH_SUFFIXES include)
find_library(LibTorch_CPU_LIBRARY torch_cpu HINTS ${chalk_torch_hints} PATH_SUFFIXES lib lib64)
find_library(LibTorch_C10_LIBRARY c10 HINTS ${chalk_torch_hints} PATH_SUFFIXES lib lib64)

set(LibTorch_VERSION "")
foreach(header IN ITEMS torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
  if(LibTorch_INCLUDE_DIR AND NOT LibTorch_VERSION AND EXISTS "${LibTorch_INCLUDE_DIR}/${header}")
    file(STRINGS "${LibTorch_INCLUDE_DIR}/${header}" lines REGEX "#define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
    string(REGEX REPLACE "[^0-9;]" "" lines "${lines}")
    string(REPLACE ";" "." LibTorch_VERSION "${lines}")
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR LibTorch_VERSION
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "run ./chalk build, which installs the torch wheel under ${CHALK_DEPS}/python, or pass \
-DCMAKE_PREFIX_PATH=<LibTorch 2.6 or later> (-DCHALK_LIBTORCH=OFF builds what needs no LibTorch)")
if(LibTorch_FOUND AND LibTorch_VERSION VERSION_LESS 2.6)
  message(FATAL_ERROR "LibTorch ${LibTorch_VERSION} at ${LibTorch_INCLUDE_DIR} is too old: 2.6 or later is needed")
endif()

if(LibTorch_FOUND AND NOT TARGET LibTorch::cpu)
  get_filename_component(chalk_torch_lib "${LibTorch_CPU_LIBRARY}" DIRECTORY)
  # A CUDA wheel's libtorch_cpu needs the CUDA runtime and CUPTI, which lie beside torch in site-packages.
  file(GLOB chalk_torch_needs
    "${chalk_torch_lib}/../../nvidia/*/lib" "${chalk_torch_lib}/../../nvidia/*/*/lib")
  set(chalk_torch_folders "${chalk_torch_lib}")
  foreach(folder IN LISTS chalk_torch_needs)
    get_filename_component(folder "${folder}" REALPATH)
    list(APPEND chalk_torch_folders "${folder}")
  endforeach()

  # Which std::string the library was built with shows in its symbols' names. The compiler's default is the new one.
  file(STRINGS "${LibTorch_C10_LIBRARY}" chalk_torch_new_abi REGEX "__cxx11" LIMIT_COUNT 1)
  if(NOT chalk_torch_new_abi)
    message(FATAL_ERROR "LibTorch at ${chalk_torch_lib} was built with the old std::string "
      "(_GLIBCXX_USE_CXX11_ABI=0): take a wheel or archive of 2.6 or later that was built with the new one")
  endif()

  add_library(LibTorch::c10 UNKNOWN IMPORTED)
  set_target_properties(LibTorch::c10 PROPERTIES IMPORTED_LOCATION "${LibTorch_C10_LIBRARY}")
  add_library(LibTorch::cpu UNKNOWN IMPORTED)
  set_target_properties(LibTorch::cpu PROPERTIES
    IMPORTED_LOCATION "${LibTorch_CPU_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${LibTorch_INCLUDE_DIR};${LibTorch_INCLUDE_DIR}/torch/csrc/api/include"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${LibTorch_INCLUDE_DIR};${LibTorch_INCLUDE_DIR}/torch/csrc/api/include"
    INTERFACE_LINK_LIBRARIES LibTorch::c10)
  foreach(folder IN LISTS chalk_torch_folders)
    set_property(TARGET LibTorch::cpu APPEND PROPERTY INTERFACE_LINK_OPTIONS
      "LINKER:-rpath-link,${folder}" "LINKER:-rpath,${folder}")
  endforeach()
endif()
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY)
