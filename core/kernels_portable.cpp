// The kernels of core/kernels_loops.inc for one instruction set; CMakeLists.txt gives the options.
#define CORNU_KERNEL_SET portable
#include "cornu/core/kernels_loops.inc"
