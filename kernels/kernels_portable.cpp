// The kernels of kernels/kernels_loops.inc for one instruction set; CMakeLists.txt gives the
// options.
#define CORNU_KERNEL_SET portable
#include "cornu/kernels/kernels_loops.inc"
