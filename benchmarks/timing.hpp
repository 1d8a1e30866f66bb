#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "peers.hpp"

namespace bench {

/// The networks that everything is measured with: widths and batch.
const std::vector<std::pair<std::vector<std::size_t>, std::size_t>>& nets();
/// "784-128-10, 32 | Adam", two cells of a table.
std::string title(const Net& net);
/// The processor's name.
std::string processor();

/// The mean time of a call, over so many.
double microseconds(const std::function<void()>& body, int repetitions = 1);
double median(std::vector<double> values);
/// The medians of each body's time, the bodies taking turns so that the machine's moods hit all;
/// 0 for an empty body. A turn takes some `turn` microseconds.
std::vector<double> compare(const std::vector<std::function<void()>>& bodies, double turn = 4000);

}  // namespace bench
