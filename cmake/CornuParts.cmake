# The library is compiled in three parts, which differ in how they are optimized:
#   loops    the kernels, always at full optimization and once for each instruction set
#   steps    what runs in every step
#   words    what reads, writes, checks and shows: text and files, where -O1 halves the compiler's time
# The last two are compiled several files at a time (CORNU_UNITY), with headers that are read once:
# that takes a third of the time.
option(CORNU_UNITY "Compile the library several files at a time" ON)

set(CORNU_LOOPS ${CORNU_SOURCES})
list(FILTER CORNU_LOOPS INCLUDE REGEX "/loops\\.cpp$")
set(CORNU_WORDS ${CORNU_SOURCES})
list(FILTER CORNU_WORDS INCLUDE REGEX
     "^${PROJECT_SOURCE_DIR}/(core/text|core/fields|layers/checking|training/callbacks|models/saving|inspection)")
set(CORNU_STEPS ${CORNU_SOURCES})
list(REMOVE_ITEM CORNU_STEPS ${CORNU_LOOPS} ${CORNU_WORDS})

# cornu_part(NAME UNITY SOURCES...)
function(cornu_part name unity)
  add_library(cornu_${name} OBJECT ${ARGN})
  set_target_properties(
    cornu_${name} PROPERTIES
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    CXX_EXTENSIONS OFF
    POSITION_INDEPENDENT_CODE ON
    UNITY_BUILD ${unity}
    UNITY_BUILD_BATCH_SIZE 8)
  target_compile_features(cornu_${name} PRIVATE cxx_std_20)
  target_include_directories(cornu_${name} PRIVATE "${CORNU_INCLUDE_DIR}" "${CORNU_GENERATED_DIR}")
  target_link_libraries(cornu_${name} PRIVATE nlohmann_json::nlohmann_json cornu::blas spdlog::spdlog
                                              Threads::Threads)
  target_compile_options(cornu_${name} PRIVATE
    # Nobody looks at errno, which would keep square roots out of vectors.
    -fno-math-errno
    # A program without a build type has fast kernels all the same, and steps that keep up with them.
    $<$<CONFIG:>:-O2>
    # Objects with destructors that run at exit would be gone for those who use the library then.
    $<$<CXX_COMPILER_ID:Clang>:-Wexit-time-destructors>
    -Wall -Wextra -Wpedantic -Wconversion
    # Files that are compiled together shadow each other, and are not a header.
    $<$<NOT:$<BOOL:${CORNU_UNITY}>>:-Wshadow>
    $<$<AND:$<BOOL:${CORNU_UNITY}>,$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage>
    # GCC bug 105651: false alarms about string + string
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<BOOL:${CORNU_WERROR}>:-Werror>)
  target_compile_definitions(cornu_${name} PRIVATE $<$<BOOL:${BUILD_SHARED_LIBS}>:cornu_EXPORTS>)
  target_sources(cornu PRIVATE $<TARGET_OBJECTS:cornu_${name}>)
  add_dependencies(cornu_objects cornu_${name})
endfunction()

add_custom_target(cornu_objects)  # every source, without the library

cornu_part(steps ${CORNU_UNITY} ${CORNU_STEPS})
cornu_part(words ${CORNU_UNITY} ${CORNU_WORDS})
target_compile_options(cornu_words PRIVATE $<$<CONFIG:Release>:-O1>)
include(CornuHarden)
cornu_harden(cornu_words)
# What takes longest to read. That every file includes what it needs is seen where CMake is told
# CMAKE_DISABLE_PRECOMPILE_HEADERS, as CI does.
foreach(part steps words)
  target_precompile_headers(cornu_${part} PRIVATE <nlohmann/json.hpp> <algorithm> <functional> <map>
                            <memory> <mutex> <string> <vector>)
endforeach()
include(CornuKernels)
