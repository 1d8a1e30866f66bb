// The loops of the family for one instruction set; convolution.cpp and pooling.cpp put them
// together.
#include "cornu/kernels/windows/depthwise.inc"

namespace cornu::kernels {

const windows::Table windows::CORNU_LOOPS = {
    .strip = (loops::vector_bytes == 32 ? 2 : 4) * loops::vector_width,
    .pad = loops::pad,
    .unpad = loops::unpad,
    .gather = loops::gather,
    .scatter = loops::scatter,
    .transpose = loops::transpose_matrix,
    .add_transposed = loops::add_transposed,
    .add_row_sums = loops::add_row_sums,
    .fill = loops::fill,
    .max_pool = loops::max_pool,
    .max_pool_backward = loops::max_pool_backward,
    .sum_pool = loops::sum_pool,
    .sum_pool_backward = loops::sum_pool_backward,
    .depthwise = loops::depthwise,
    .depthwise_backward_input = loops::depthwise_backward_input,
    .depthwise_backward_filters = loops::depthwise_backward_filters,
};

}  // namespace cornu::kernels
