#include "cornu/training/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdarg>
#include <cstdlib>
#include <cstring>

namespace cornu {
namespace {

constexpr std::size_t bar_width = 30;
constexpr double redraw_interval = 0.05;  // seconds

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

bool is_terminal(std::FILE* out) {
  const char* term = std::getenv("TERM");
  return isatty(fileno(out)) != 0 && !(term && std::strcmp(term, "dumb") == 0);
}

/// The terminal's columns, or 0 when it does not say.
std::size_t columns(std::FILE* out) {
  winsize size{};
  return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

Progress::Progress(int verbose, std::FILE* out)
    : level_(verbose), out_(out), terminal_(verbose > 0 && is_terminal(out)) {
  if (level_ == 1 && !terminal_) level_ = 2;
  line_.reserve(1024);
}

void Progress::begin_training(std::size_t samples, std::size_t validation_samples) {
  if (level_ <= 0 || validation_samples == 0) return;
  std::fprintf(out_, "Train on %zu samples, validate on %zu samples\n", samples,
               validation_samples);
  std::fflush(out_);
}

void Progress::begin_epoch(std::size_t epoch, std::size_t epochs, std::size_t total) {
  total_ = total;
  done_ = 0;
  drawn_width_ = 0;
  titled_ = epochs > 0;
  begun_ = now();
  drawn_ = begun_ - redraw_interval;
  if (level_ <= 0 || !titled_) return;
  std::fprintf(out_, "Epoch %zu/%zu\n", epoch + 1, epochs);
  std::fflush(out_);
}

void Progress::update(std::size_t done, const Scores& averages) {
  done_ = done;
  if (level_ != 1) return;
  const double time = now();
  if (time - drawn_ < redraw_interval) return;
  drawn_ = time;
  draw(averages, false);
}

void Progress::end_epoch(const Scores& scores) {
  if (level_ == 1) draw(scores, true);
  if (level_ < 2 || !titled_) return;
  line_.clear();
  append("%llds", static_cast<long long>(now() - begun_));
  for (const auto& [name, value] : scores)
    append(std::abs(value) > 1e-3 ? " - %.*s: %.4f" : " - %.*s: %.4e",
           static_cast<int>(name.size()), name.data(), value);
  append("\n");
  std::fwrite(line_.data(), 1, line_.size(), out_);
  std::fflush(out_);
}

void Progress::abandon() noexcept {
  if (!open_) return;
  std::fputc('\n', out_);
  std::fflush(out_);
  open_ = false;
}

void Progress::append(const char* format, ...) {
  char piece[128];
  va_list arguments;
  va_start(arguments, format);
  const int length = std::vsnprintf(piece, sizeof piece, format, arguments);
  va_end(arguments);
  if (length > 0) line_.append(piece, std::min(static_cast<std::size_t>(length), sizeof piece - 1));
}

// `  32/1000 [>.............................] - ETA: 12s - loss: 0.4310 - acc: 0.8812`
void Progress::draw(const Scores& scores, bool last) {
  const double seconds = now() - begun_;
  line_.clear();
  if (total_ == 0) {
    append("%zu", done_);
  } else {
    const std::size_t done = last ? total_ : std::min(done_, total_);
    int digits = 1;
    for (std::size_t rest = total_; rest >= 10; rest /= 10) ++digits;
    append("%*zu/%zu [", digits, done, total_);
    const std::size_t filled = bar_width * done / total_;
    if (filled > 0) line_.append(filled - 1, '=').append(1, done < total_ ? '>' : '=');
    line_.append(bar_width - filled, '.').append("]");
  }
  if (last || total_ == 0) {
    append(" - %.0fs", std::floor(seconds));
  } else {
    const double each = done_ > 0 ? seconds / static_cast<double>(done_) : 0;
    append(" - ETA: %.0fs",
           std::floor(each * static_cast<double>(total_ - std::min(done_, total_))));
  }
  for (const auto& [name, value] : scores)
    append(std::abs(value) > 1e-3 ? " - %.*s: %.4f" : " - %.*s: %.4e",
           static_cast<int>(name.size()), name.data(), value);

  // A line that wraps could not be drawn over again.
  const std::size_t width = columns(out_);
  if (!last && width > 1 && line_.size() >= width) line_.resize(width - 1);
  const std::size_t text_width = line_.size();
  if (text_width < drawn_width_) line_.append(drawn_width_ - text_width, ' ');
  drawn_width_ = text_width;
  if (last) line_.push_back('\n');
  std::fputc('\r', out_);
  std::fwrite(line_.data(), 1, line_.size(), out_);
  std::fflush(out_);
  open_ = !last;
}

}  // namespace cornu
