// The kernels of kernels/kernels_loops.inc for one instruction set; CMakeLists.txt gives the
// options.
#if defined(__x86_64__)
#define CORNU_KERNEL_SET avx512
#include "cornu/kernels/kernels_loops.inc"
#endif
