# Headers, library, CMake package and pkg-config file. Nothing installed names the prefix, so the
# tree may be moved as a whole.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

install(TARGETS cornu EXPORT cornuTargets
        RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
        INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")

# A header of Cornu's own use says in its first lines that it is not a public one.
foreach(floor IN LISTS CORNU_FLOORS)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${floor}/*.hpp")
  foreach(header IN LISTS headers)
    file(STRINGS "${header}" private LIMIT_COUNT 5 REGEX "Not a public header")
    if(NOT private)
      cmake_path(RELATIVE_PATH header BASE_DIRECTORY "${PROJECT_SOURCE_DIR}" OUTPUT_VARIABLE place)
      cmake_path(GET place PARENT_PATH place)
      install(FILES "${header}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/cornu/${place}")
    endif()
  endforeach()
endforeach()
install(FILES "${PROJECT_SOURCE_DIR}/cornu.hpp" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/cornu")
install(FILES "${CORNU_GENERATED_DIR}/cornu/core/config.hpp"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/cornu/core")

set(CORNU_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/cornu")
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/cornuConfig.cmake.in" "${PROJECT_BINARY_DIR}/cornuConfig.cmake"
  INSTALL_DESTINATION "${CORNU_CMAKE_DIR}" NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/cornuConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(EXPORT cornuTargets NAMESPACE cornu:: DESTINATION "${CORNU_CMAKE_DIR}")
install(FILES "${PROJECT_BINARY_DIR}/cornuConfig.cmake"
              "${PROJECT_BINARY_DIR}/cornuConfigVersion.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/CornuBlas.cmake"
        DESTINATION "${CORNU_CMAKE_DIR}")

# The pkg-config file finds its prefix from its own place. A static library needs the others named;
# a shared one names them itself.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR
           BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" OUTPUT_VARIABLE CORNU_PC_LIBDIR)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR
           BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" OUTPUT_VARIABLE CORNU_PC_INCLUDEDIR)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
           BASE_DIRECTORY "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" OUTPUT_VARIABLE CORNU_PC_UP)
cmake_path(NORMAL_PATH CORNU_PC_UP)
string(REGEX REPLACE "/$" "" CORNU_PC_UP "${CORNU_PC_UP}")
set(CORNU_PC_NEEDS "")
foreach(library IN LISTS OpenBLAS_LIBRARIES)
  if(IS_ABSOLUTE "${library}")
    cmake_path(GET library PARENT_PATH directory)
    cmake_path(NORMAL_PATH directory)
    string(APPEND CORNU_PC_NEEDS "-L${directory} -lopenblas ")
  else()
    string(APPEND CORNU_PC_NEEDS "${library} ")
  endif()
endforeach()
string(APPEND CORNU_PC_NEEDS "-pthread")
set(CORNU_PC_REQUIRES "nlohmann_json")
if(BUILD_SHARED_LIBS)
  set(CORNU_PC_NEEDS "")
else()
  string(APPEND CORNU_PC_REQUIRES " spdlog")
endif()
configure_file("${PROJECT_SOURCE_DIR}/cmake/cornu.pc.in" "${PROJECT_BINARY_DIR}/cornu.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/cornu.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
