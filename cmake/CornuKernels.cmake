# The loops: every file named loops.cpp, compiled once for each instruction set (core/loops.hpp says
# how); the widest that the processor has is chosen at run time. They are always optimised, in debug
# builds too. None of these options lets the compiler assume that numbers are finite or sums may be
# reordered.
set(loop_options -O3 -fno-trapping-math -ffp-contract=fast -fopenmp-simd -ffunction-sections)
set(instruction_sets portable)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  list(APPEND instruction_sets avx2 avx512)
endif()
set(loop_options_portable "")
set(loop_options_avx2 -mavx2 -mfma)
set(loop_options_avx512 -mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx2 -mfma
    -mprefer-vector-width=512)
foreach(set IN LISTS instruction_sets)
  cornu_part(loops_${set} ${CORNU_UNITY} ${CORNU_LOOPS})
  set_target_properties(cornu_loops_${set} PROPERTIES UNITY_BUILD_BATCH_SIZE 0)
  target_compile_definitions(cornu_loops_${set} PRIVATE CORNU_LOOPS=${set})
  target_compile_options(cornu_loops_${set} PRIVATE ${loop_options} ${loop_options_${set}})
endforeach()
target_compile_definitions(cornu_loops_portable PRIVATE CORNU_DOORS)

# The same seed is to make the same numbers on every processor.
set_source_files_properties(core/random.cpp core/random/loops.cpp PROPERTIES COMPILE_OPTIONS
                            -ffp-contract=off)
