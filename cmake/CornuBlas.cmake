# The target cornu_blas: OpenBLAS with its C interface. OpenBLAS's own package file gives variables
# only, and under different names on different systems.
find_package(OpenBLAS REQUIRED)
add_library(cornu_blas INTERFACE IMPORTED)
target_include_directories(cornu_blas INTERFACE ${OpenBLAS_INCLUDE_DIRS})
target_link_libraries(cornu_blas INTERFACE ${OpenBLAS_LIBRARIES})
