# The kernels are always optimised, in debug builds too, and compiled once for each instruction set;
# the widest that the processor has is chosen at run time. None of these options lets the compiler
# assume that numbers are finite or sums may be reordered.
set(kernel_options -O3 -fno-trapping-math -ffp-contract=fast -fopenmp-simd
    -ffunction-sections)
set(kernel_options_portable "")
set(kernel_options_avx2 "")
set(kernel_options_avx512 "")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(kernel_options_avx2 -mavx2 -mfma)
  set(kernel_options_avx512 -mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx2 -mfma
      -mprefer-vector-width=512)
endif()
foreach(instruction_set portable avx2 avx512)
  set_source_files_properties(kernels/kernels_${instruction_set}.cpp PROPERTIES COMPILE_OPTIONS
                              "${kernel_options};${kernel_options_${instruction_set}}")
endforeach()

# The same seed is to make the same numbers on every processor.
set_source_files_properties(kernels/random.cpp PROPERTIES COMPILE_OPTIONS -ffp-contract=off)
