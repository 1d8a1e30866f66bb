# CORNU_HARDEN: what reads files and text checks at run time what the compiler can make it check, as a
# fault there could be an attack; what computes stays as it is. Shared libraries are linked so that
# their tables of functions are read-only once they run.
option(CORNU_HARDEN "Compile the readers of files with the compiler's run-time checks" ON)

# cornu_harden(TARGET...)
function(cornu_harden)
  if(NOT CORNU_HARDEN OR CORNU_SANITIZE)
    return()  # the sanitizers check more, and not together with these
  endif()
  include(CheckCXXCompilerFlag)
  check_cxx_compiler_flag(-ftrivial-auto-var-init=zero CORNU_HAS_TRIVIAL_AUTO_VAR_INIT)
  foreach(target IN LISTS ARGN)
    target_compile_options(${target} PRIVATE
      -fstack-protector-strong
      # Needs optimization, and is predefined by some distributions' compilers.
      "$<$<NOT:$<OR:$<CONFIG:Debug>,$<CONFIG:>>>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>"
      -D_GLIBCXX_ASSERTIONS
      $<$<BOOL:${CORNU_HAS_TRIVIAL_AUTO_VAR_INIT}>:-ftrivial-auto-var-init=zero>)
  endforeach()
endfunction()

if(CORNU_HARDEN AND BUILD_SHARED_LIBS AND NOT APPLE)
  target_link_options(cornu PRIVATE LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
endif()
