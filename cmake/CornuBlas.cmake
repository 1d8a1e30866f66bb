# The target cornu::blas: OpenBLAS with its C interface. OpenBLAS's own package file gives variables
# only, and some systems leave it out. An installed Cornu brings this file along for static linking.
if(TARGET cornu::blas)
  return()
endif()

find_package(OpenBLAS QUIET CONFIG)
if(NOT OpenBLAS_FOUND)
  find_path(OpenBLAS_INCLUDE_DIRS NAMES cblas.h PATH_SUFFIXES openblas)
  find_library(OpenBLAS_LIBRARIES NAMES openblas)
  mark_as_advanced(OpenBLAS_INCLUDE_DIRS OpenBLAS_LIBRARIES)
  if(NOT OpenBLAS_INCLUDE_DIRS OR NOT OpenBLAS_LIBRARIES)
    message(FATAL_ERROR "Cornu needs OpenBLAS with its header cblas.h. Install it (Debian and Ubuntu: "
                        "libopenblas-dev; Fedora: openblas-devel; Homebrew: openblas) or name its "
                        "place with -DCMAKE_PREFIX_PATH=...")
  endif()
endif()

add_library(cornu::blas INTERFACE IMPORTED)
set_target_properties(cornu::blas PROPERTIES
                      INTERFACE_INCLUDE_DIRECTORIES "${OpenBLAS_INCLUDE_DIRS}"
                      INTERFACE_LINK_LIBRARIES "${OpenBLAS_LIBRARIES}")
