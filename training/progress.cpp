#include "cornu/training/progress.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdarg>

#include "cornu/core/terminal.hpp"

namespace cornu {
namespace {

constexpr std::size_t widest_bar = 30, narrowest_bar = 8;
constexpr double redraw_interval = 0.05;  // seconds

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

const char* score_format(double value) {
  return std::abs(value) > 1e-3 ? " - %.*s: %.4f" : " - %.*s: %.4e";
}

}  // namespace

Progress::Progress(int verbose, std::FILE* out)
    : level_(verbose), out_(out), terminal_(verbose > 0 && terminal::is_terminal(out)) {
  if (level_ == 1 && !terminal_) level_ = 2;
  line_.reserve(1024);
  tail_.reserve(1024);
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
    append(score_format(value), static_cast<int>(name.size()), name.data(), value);
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
//
// A line that wraps could not be drawn over again, so it fits the terminal: first the bar gets
// narrower, then the last scores are left out, then the bar and the counts; the loss, which is the
// first score, stays. The last drawing holds every score and may wrap.
void Progress::draw(const Scores& scores, bool last) {
  const std::size_t columns = terminal::columns(out_);
  const std::size_t room = last || columns < 2 ? line_.capacity() : columns - 1;
  const std::size_t done = last ? total_ : std::min(done_, total_);
  const std::size_t left = total_ - done;

  line_.clear();
  if (last || total_ == 0)
    append(" - %.0fs", std::floor(now() - begun_));
  else
    append(" - ETA: %.0fs", std::floor(done_ > 0 ? (now() - begun_) / static_cast<double>(done_) *
                                                       static_cast<double>(left)
                                                 : 0));
  std::swap(line_, tail_);

  line_.clear();
  if (total_ == 0) {
    append("%zu", done_);
  } else {
    int digits = 1;
    for (std::size_t rest = total_; rest >= 10; rest /= 10) ++digits;
    append("%*zu/%zu", digits, done, total_);
  }
  const std::size_t counts = line_.size();
  // Scores go behind, for as long as the narrowest bar has its place.
  const std::size_t taken = counts + tail_.size() + (total_ == 0 ? 0 : narrowest_bar + 3);
  line_ += tail_;
  bool first = true;
  for (const auto& [name, value] : scores) {
    const std::size_t before = line_.size();
    append(score_format(value), static_cast<int>(name.size()), name.data(), value);
    const std::size_t width = taken + line_.size() - counts - tail_.size();
    if (!first && width > room) {
      line_.resize(before);
      break;
    }
    first = false;
  }
  draw_bar(counts, done, columns < 2 ? line_.capacity() : columns - 1);
  for (int piece = 0; piece < 2 && line_.size() > room; ++piece)  // the bar, the time
    line_.erase(0, line_.find(" - ") + 3);

  const std::size_t text_width = line_.size();
  if (text_width < drawn_width_) line_.append(drawn_width_ - text_width, ' ');
  drawn_width_ = text_width;
  if (last) line_.push_back('\n');
  std::fputc('\r', out_);
  std::fwrite(line_.data(), 1, line_.size(), out_);
  std::fflush(out_);
  open_ = !last;
}

void Progress::draw_bar(std::size_t place, std::size_t done, std::size_t room) {
  if (total_ == 0) return;
  const std::size_t others = line_.size() + 3;
  const std::size_t width =
      std::clamp(room > others ? room - others : 0, narrowest_bar, widest_bar);
  const std::size_t filled = width * done / total_;
  // From its end, each piece before the last.
  line_.insert(place, 1, ']').insert(place, width - filled, '.');
  if (filled > 0) line_.insert(place, 1, done < total_ ? '>' : '=').insert(place, filled - 1, '=');
  line_.insert(place, " [");
}

}  // namespace cornu
